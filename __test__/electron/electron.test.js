// The native core in a real Electron: version 9, with Node 12, which a Python wheel holds. The JavaScript is made older for it
// (support/electron/downlevel.cjs). No registry that tests can reach has a newer one.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Application, Display, folder } = require('../support/electron/application.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');

const LONG = 60_000;

needs('electron').describe('in Electron', () => {
  let display;
  let place;
  const running = [];

  beforeAll(async () => {
    [display, place] = await Promise.all([Display.start(), folder()]);
  }, LONG);
  afterEach(async () => {
    for (const app of running.splice(0)) await app.kill();
  });
  afterAll(async () => {
    await display?.end();
    fs.rmSync(place, { recursive: true, force: true });
  });

  async function start(options) {
    const app = new Application({ display, place, ...options });
    running.push(app);
    app.about = await app.ready;
    return app;
  }

  test('events reach the main process, in each format', async () => {
    const app = await start();
    expect(app.about.versions).toMatchObject({ electron: '9.4.1', node: '12.14.1', napi: '5' });
    const heard = await app.run(async ({ loopwire }) => {
      const heard = [];
      const three = ['buffer', 'string', 'object'].map((format) => {
        const listen = (data) => heard.push([format, typeof data, Buffer.isBuffer(data), String(data.type || data)]);
        return loopwire.startEventListener(0, loopwire.generateToken(), listen, { format });
      });
      loopwire.emit('my:event', { n: 1 });
      await loopwire.drained();
      while (heard.length < 3) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(three.map((listener) => listener.close()));
      return heard.sort(([a], [b]) => (a < b ? -1 : 1));
    });
    expect(heard).toEqual([
      ['buffer', 'object', true, expect.stringContaining('{"type":"my:event","data":{"n":1}')],
      ['object', 'object', false, 'my:event'],
      ['string', 'string', false, expect.stringContaining('{"type":"my:event","data":{"n":1}')],
    ]);
    expect(await app.quit()).toMatchObject({ code: 0, signal: null });
  });
});
