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

const FILE = 'file://FOLDER/index.html';
const APP = 'app://my-app/index.html';

/** A listener whose events go to the page, which may also ask where it is. */
const listen = (app, options = {}) =>
  app.run(({ electron, loopwire, state }, options) => {
    state.token = loopwire.generateToken();
    const send = (json) => {
      if (state.window && !state.window.isDestroyed()) state.window.webContents.send('event', json);
    };
    state.listener = loopwire.startEventListener(0, state.token, send, {
      format: 'string',
      ...options,
    });
    electron.ipcMain.handle('connection', () => ({
      url: `ws://127.0.0.1:${state.listener.port}`,
      token: state.token,
    }));
    return state.listener.port;
  }, options);

const connections = (app) => app.run(({ state }) => state.listener.connections().length);
const emit = (app, n) => app.run(({ loopwire }, n) => void loopwire.emit('my:count', { n }), n);

/** The numbers of the events that the page has, by IPC and by its socket. */
const numbers = (app) =>
  app.page(() =>
    [byIpc.map((json) => JSON.parse(json)), bySocket].map((all) => all.map(({ data }) => data.n)),
  );

/** How an application ends, asked for from within; the answer goes out before. */
const QUITS = {
  'app.quit()': ({ electron }) => void setTimeout(() => electron.app.quit(), 0),
  'the last window that is closed': ({ state }) => void setTimeout(() => state.window.close(), 0),
  'process.exit()': () => void setTimeout(() => process.exit(0), 0),
  SIGTERM: () => void setTimeout(() => process.kill(process.pid, 'SIGTERM'), 0),
};

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
        const listen = (data) =>
          heard.push([format, typeof data, Buffer.isBuffer(data), String(data.type || data)]);
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

  test.each([
    ['a file', FILE, {}],
    ['a scheme of its own', APP, { allowedOrigins: ['app://my-app'] }],
  ])(
    'a page of %s with contextIsolation gets events by IPC and by its own socket',
    async (_, url, options) => {
      const app = await start();
      await listen(app, options);
      await app.open(url);
      expect(await app.page(() => [typeof require, typeof process, window.origin])).toEqual([
        'undefined',
        'undefined',
        url === APP ? 'app://my-app' : 'file://',
      ]);
      expect(await app.page(() => window.connect())).toBe('open');
      for (let n = 0; n < 100; n += 1) await emit(app, n);
      const areThere = async () => (await numbers(app)).every(({ length }) => length === 100);
      await until(areThere, 'all events');
      const wanted = Array.from({ length: 100 }, (_, n) => n);
      expect(await numbers(app)).toEqual([wanted, wanted]);
      expect(await app.quit()).toMatchObject({ code: 0, signal: null });
    },
    LONG,
  );

  test(
    'a page of a scheme that is not listed is refused',
    async () => {
      const app = await start();
      await listen(app);
      await app.open(APP);
      const refused = await app.page(async () => {
        const { url, token } = await events.connection();
        const socket = new WebSocket(`${url}/ws`, ['loopwire.v1', `bearer.${token}`]);
        return new Promise((resolve) => {
          socket.addEventListener('open', () => resolve('open'));
          socket.addEventListener('error', () => resolve('error'));
        });
      });
      expect([refused, await connections(app)]).toEqual(['error', 0]);
      const warned = () => /refused: app:\/\/my-app; .* option allowedOrigins/.test(app.said);
      await until(warned, 'a warning that names the option');
    },
    LONG,
  );

  test(
    'a page that is loaded again gets what comes then, and leaves no connection behind',
    async () => {
      const app = await start();
      await listen(app);
      await app.open(FILE);
      for (let n = 0; n < 5; n += 1) {
        expect(await app.page(() => window.connect())).toBe('open');
        await until(async () => (await connections(app)) === 1, 'one connection');
        await emit(app, n);
        await until(async () => (await numbers(app)).flat().length === 2, 'the event, twice');
        expect(await numbers(app)).toEqual([[n], [n]]);
        await app.reload();
        await until(async () => (await connections(app)) === 0, 'no connection');
      }
      expect(await app.quit()).toMatchObject({ code: 0, signal: null });
    },
    LONG,
  );

  test(
    'a renderer with Node loads the native core itself, again at each reload',
    async () => {
      const app = await start();
      await app.open(FILE, {
        nodeIntegration: true,
        contextIsolation: false,
        sandbox: false,
        preload: '',
      });
      await app.run(({ state }) => {
        state.window.webContents.on('crashed', () => state.told.push('crashed'));
      });
      for (let n = 0; n < 5; n += 1) {
        const heard = await app.page(async (n) => {
          const loopwire = require('loopwire');
          const heard = [];
          window.listener = loopwire.startEventListener(
            0,
            loopwire.generateToken(),
            (json) => heard.push(json),
            {
              format: 'string',
            },
          );
          loopwire.emit('my:count', { n });
          while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          return heard.map((json) => JSON.parse(json).data.n);
        }, n);
        expect(heard).toEqual([n]);
        // With the listener open: the environment ends, the process need not.
        await app.reload();
      }
      expect(await app.run(({ state }) => state.told)).toEqual([]);
      expect(await app.quit()).toMatchObject({ code: 0, signal: null });
    },
    LONG,
  );

  test(
    'a child made with fork has a listener of its own, and tells the main process',
    async () => {
      fs.writeFileSync(
        path.join(place, 'child.js'),
        `
      const loopwire = require('loopwire');
      const listener = loopwire.startEventListener(0, loopwire.generateToken(), (json) => process.send(json), { format: 'string' });
      process.on('message', (n) => loopwire.emit('my:count', { n }));
      process.on('disconnect', () => loopwire.shutdown());
      process.send({ port: listener.port, electron: process.versions.electron });
    `,
      );
      const app = await start();
      const got = await app.run(async ({ electron, require }) => {
        const { fork } = require('child_process');
        const child = fork(`${electron.app.getAppPath()}/child.js`);
        const next = () => new Promise((resolve) => child.once('message', resolve));
        const first = await next();
        const got = [];
        for (let n = 0; n < 3; n += 1) {
          child.send(n);
          got.push(JSON.parse(await next()).data.n);
        }
        const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
        child.disconnect();
        return { first, got, ended: await ended };
      });
      expect(got).toEqual({
        first: { port: expect.any(Number), electron: '9.4.1' },
        got: [0, 1, 2],
        ended: [0, null],
      });
      expect(await app.quit()).toMatchObject({ code: 0, signal: null });
    },
    LONG,
  );

  test(
    'a command runs in a terminal, and a forwarded port carries the requests of a session',
    async () => {
      const app = await start();
      const seen = await app.run(async ({ electron, loopwire, require }) => {
        const http = require('http');
        const root = require('fs').mkdtempSync(`${electron.app.getPath('userData')}/root-`);
        const workspace = loopwire.openWorkspace(root, { watch: 'onDemand' });
        const terminal = await workspace.terminal({ command: 'tty && echo typed $((6 * 7))' });
        let output = '';
        for await (const bytes of terminal.output) output += bytes;
        const { exitCode } = await terminal.exit;

        const site = http.createServer((request, response) =>
          response.end(`asked for ${request.url}`),
        );
        await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
        const [port] = loopwire.getPortsFreeWithLimit(1);
        const { address } = await loopwire.forward({ port, upstream: 'direct:' });
        const session = electron.session.fromPartition('by-proxy');
        await session.setProxy({ proxyRules: address, proxyBypassRules: '<-loopback>' });
        // The promise of `setProxy` resolves before the network process has the setting, in this version.
        let route;
        do route = await session.resolveProxy('http://example.test/');
        while (route === 'DIRECT');
        const request = electron.net.request({
          url: `http://127.0.0.1:${site.address().port}/page`,
          session,
        });
        const text = await new Promise((resolve, reject) => {
          request.on('error', reject);
          request.on('response', (response) => {
            let text = '';
            response.on('data', (bytes) => (text += bytes));
            response.on('end', () => resolve(text));
          });
          request.end();
        });
        const { bytesDown } = loopwire.ports().find((one) => one.port === port);
        await workspace.close();
        site.close();
        return { output, exitCode, route, address, text, bytesDown };
      });
      expect(seen).toEqual({
        output: expect.stringMatching(/^\/dev\/pts\/\d+\r\ntyped 42\r\n$/),
        exitCode: 0,
        route: `PROXY ${seen.address}`,
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        text: 'asked for /page',
        bytesDown: expect.any(Number),
      });
      expect(seen.bytesDown).toBeGreaterThan(100);
      expect(await app.quit()).toMatchObject({ code: 0, signal: null });
    },
    LONG,
  );

  describe('in an archive', () => {
    let archives;
    beforeAll(() => {
      archives = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-asar-'));
    });
    afterAll(() => fs.rmSync(archives, { recursive: true, force: true }));

    needs('asar').test.each([
      ['packed whole', undefined],
      ['with the native core unpacked', '**/*.node'],
    ])(
      '%s',
      async (_, unpack) => {
        const asar = require(path.join(tool('asar'), '@electron/asar'));
        const archive = path.join(archives, unpack ? 'unpacked.asar' : 'whole.asar');
        await asar.createPackageWithOptions(place, archive, { unpack });
        expect(fs.existsSync(`${archive}.unpacked`)).toBe(unpack !== undefined);
        const app = await start({ place: archive });
        expect(app.about.folder).toBe(archive);
        await listen(app);
        await app.open(FILE);
        expect(await app.page(() => window.connect())).toBe('open');
        await emit(app, 7);
        await until(async () => (await numbers(app)).flat().length === 2, 'the event, twice');
        expect(await numbers(app)).toEqual([[7], [7]]);
        // Out of a whole archive Electron copies it, at each start.
        const maps = fs.readFileSync(`/proc/${app.child.pid}/maps`, 'utf8');
        expect(maps.includes(`${archive}.unpacked/`)).toBe(unpack !== undefined);
        expect(await app.quit()).toMatchObject({ code: 0, signal: null });
      },
      LONG,
    );
  });

  test.each(Object.keys(QUITS))(
    '%s ends an application with everything open',
    async (name) => {
      const app = await start();
      await listen(app);
      await app.open(FILE);
      expect(await app.page(() => window.connect())).toBe('open');
      const pid = await app.run(async ({ electron, loopwire, state, require }) => {
        const fs = require('fs');
        const root = fs.mkdtempSync(`${electron.app.getPath('userData')}/root-`);
        state.workspace = loopwire.openWorkspace(root);
        state.terminal = await state.workspace.terminal({ command: 'sleep 1000' });
        state.watch = state.workspace.watch('.');
        const [port] = loopwire.getPortsFreeWithLimit(1);
        await loopwire.forward({ port, upstream: 'direct:' });
        // Events that are still on their way when it ends.
        setInterval(() => {
          for (let n = 0; n < 100; n += 1) loopwire.emit('my:count', { n });
        }, 1);
        return state.terminal.pid;
      });
      await until(async () => (await app.page(() => bySocket.length)) > 1000, 'events');
      expect(() => process.kill(pid, 0)).not.toThrow();
      app.run(QUITS[name]).catch(() => {});
      const how = await app.end();
      expect(how).toEqual({ code: 0, signal: null });
      // Neither a crash that was caught, nor a command that is left.
      expect(app.said).not.toMatch(/panicked|fatal|Segmentation|dump/i);
      await until(() => {
        try {
          process.kill(pid, 0);
          return false;
        } catch {
          return true;
        }
      }, 'the end of the command');
    },
    LONG,
  );
});
