// Sets forwarding up for a test through the package: a free range, a list of proxies, and the events of a callback.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { freeRange } = require('../../../examples/demo/ports.cjs');
const { LONG_MS, until } = require('../until.cjs');
const loopwire = require('../../..');

/** Whatever has to be put away after the test that is running, newest first. */
const left = [];

/** Has `end` run when the test is over. */
function after(end) {
  left.push(end);
}

afterEach(async () => {
  // First the engine: nothing may use what goes away next.
  await loopwire.shutdown();
  for (const end of left.splice(0).toReversed()) await end();
});

/**
 * The first of up to nine free ports in a row, which stay this test's own until it is over.
 *
 * Other tests run at the same time, and not every port is taken at once. So rows begin behind a multiple of
 * ten, and whoever listens on that one has the nine that follow.
 */
async function claim(count) {
  for (;;) {
    const row = await freeRange(count + 1);
    const claimed = net.createServer();
    const listening = once(claimed, 'listening').then(
      () => true,
      () => false,
    );
    claimed.listen(row, '127.0.0.1');
    if (await listening) {
      after(() => claimed.close());
      return row + 1;
    }
  }
}

/** What a callback has heard. */
class Heard {
  texts = [];
  #looks = new Set();

  add(text) {
    this.texts.push(text);
    for (const look of this.#looks) look();
  }

  /** Resolves when `condition(texts)` holds; says what was heard if it never does. */
  until(condition, what = 'what was waited for') {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!condition(this.texts)) return;
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#looks.delete(look);
        reject(new Error(`${what} did not come; heard:\n${this.texts.join('\n')}`));
      }, LONG_MS);
      this.#looks.add(look);
      look();
    });
  }

  /** Resolves when exactly so many events, or more, have come, and a while after that. */
  async count(count) {
    await this.until((texts) => texts.length >= count, `event ${count}`);
    // Long enough for one too many to come.
    await sleep(80);
  }

  /** What has come since the last time, as it came. */
  taken() {
    return this.texts.splice(0);
  }
}

/** The text of an event. */
const event = (type, payload) => JSON.stringify({ type, payload: String(payload) });

/** A list of proxies in a file, as the provider. */
function provide(list) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-test-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'proxies.json');
  fs.writeFileSync(file, typeof list === 'string' ? list : JSON.stringify(list));
  const { href } = pathToFileURL(file);
  expect(loopwire.setAPIHost(href)).toBe(0);
  return href;
}

/**
 * A listener, a range of `count` free ports (nine at most), and the proxies of `list` if there is one.
 *
 * @param {{count?: number, list?: object[]}} [options]
 */
async function forwarding({ count = 4, list } = {}) {
  const heard = new Heard();
  // No timer of an earlier test's, and no check that a test does not ask for.
  loopwire.configure({ idleCheckMs: 0, handshakeTimeoutMs: 10_000 });
  const listener = loopwire.startEventListener(0, loopwire.generateToken(), (data) =>
    heard.add(data.toString()),
  );
  const start = await claim(count);
  expect(loopwire.updateIpFormatAndPorts('127.0.0.1:%d', start, count)).toBe(0);
  await heard.until(() => heard.texts.length === 1);
  expect(heard.taken()).toEqual([event('settingPortChange', `${start}:${count}`)]);
  if (list) provide(list);
  return { heard, start, listener };
}

/** Starts a server of the demo's and stops it after the test. */
async function serve(server) {
  await server.start();
  after(() => server.stop());
  return server;
}

/** A TCP server that does with each connection what `handle` says. */
async function tcp(handle) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address().port;
}

/** A port of this machine where nobody listens. */
const deadPort = () => claim(1);

/** Whether nobody listens on a port. */
function isFree(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

/** The entry of a list for a server on this machine. */
const entry = (id, protocol, port, more) => ({ id, protocol, host: '127.0.0.1', port, ...more });

const config = (port) => JSON.parse(loopwire.getConfigJSON(port));

module.exports = {
  after,
  config,
  deadPort,
  entry,
  event,
  forwarding,
  isFree,
  loopwire,
  provide,
  serve,
  tcp,
  until,
};
