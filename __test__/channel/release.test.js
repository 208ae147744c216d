// Release: closed listeners and ended runtimes keep neither port nor descriptor, neither memory nor the process.
'use strict';

const os = require('node:os');
const { loopwire } = require('../support/harness.cjs');
const { freePort } = require('../support/channel/sockets.cjs');
const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

const ROUNDS = 200;

const LOOPBACK_6 = Object.values(os.networkInterfaces())
  .flat()
  .find((one) => one?.address === '::1');

// A child of its own: nothing else of this process holds a socket, and the first start is part of it.
const PROLOGUE = `
  const net = require('node:net');
  const { once } = require('node:events');
  const { setImmediate: turn } = require('node:timers/promises');
  const token = loopwire.generateToken();
  const start = (port, options) => loopwire.startEventListener(port, token, () => {}, options);
  const failed = new Map();
  const attempt = (call) => {
    try {
      return call();
    } catch (error) {
      failed.set(error.code ?? error.message, (failed.get(error.code ?? error.message) ?? 0) + 1);
    }
  };
  const expectZero = (result) => {
    if (result !== 0) throw new Error(loopwire.sdkGetLastError());
  };
  const report = async () => {
    await loopwire.shutdown();
    console.log(JSON.stringify(Object.fromEntries(failed)));
  };`;

/** Runs rounds in a child; gives the errors with their counts. */
async function rounds(code, env) {
  const child = runNode(`${PROLOGUE}\n(async () => {${code}\nawait report();\n})();`, { env });
  const failed = JSON.parse(await child.next());
  expect(await child.ended).toMatchObject({ code: 0 });
  return failed;
}

const again = (stop, begin, options = {}) => `
  for (let round = 0; round < ${options.rounds ?? ROUNDS}; round += 1) {
    ${begin}
    ${options.between ?? ''}
    ${stop}
    ${begin}
    ${stop}
    if (round % 3 === 0) await turn();
  }`;

const listener = (options = '{}') =>
  `listener = attempt(() => start(port, ${options})) ?? listener;`;
const of = (stop, { port, text }, more) =>
  `let listener; const port = ${port}; ${again(stop, listener(text), more)}`;

describe('a listener on the same port in one turn', () => {
  test.each([
    ['stopCommunicate()', 'loopwire.stopCommunicate();'],
    ['close()', 'listener.close();'],
    ['shutdown()', 'loopwire.shutdown();'],
  ])(
    'after %s',
    async (_, stop) => {
      const port = await freePort();
      const more = stop.includes('shutdown') ? { rounds: 40 } : {};
      expect(await rounds(of(stop, { port }, more))).toEqual({});
    },
    60_000,
  );

  test('while clients of the one before are connected', async () => {
    const port = await freePort();
    const between = `
      const client = net.connect(port, '127.0.0.1').on('error', () => {});
      const target = '/ws/' + token;
      client.write('GET ' + target + ' HTTP/1.1\\r\\nHost: 127.0.0.1:' + port + '\\r\\nUpgrade: websocket\\r\\n' +
        'Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n');
      await once(client, 'data');`;
    const code = of('loopwire.stopCommunicate();', { port }, { rounds: 50, between });
    expect(await rounds(code)).toEqual({});
  }, 60_000);

  test('with TLS', async () => {
    const port = await freePort();
    const code = of('loopwire.stopCommunicate();', { port, text: "{ tls: 'self-signed' }" });
    expect(await rounds(code)).toEqual({});
  }, 60_000);

  when(Boolean(LOOPBACK_6), 'an IPv6 loopback address').test(
    'over IPv6',
    async () => {
      const port = await freePort();
      const code = of('listener.close();', { port, text: "{ host: '::1' }" });
      expect(await rounds(code)).toEqual({});
    },
    60_000,
  );

  test('that the system chose', async () => {
    const code = `
      for (let round = 0; round < ${ROUNDS}; round += 1) {
        const { port } = start(0);
        loopwire.stopCommunicate();
        attempt(() => start(port));
        loopwire.stopCommunicate();
        if (round % 3 === 0) await turn();
      }`;
    expect(await rounds(code)).toEqual({});
  }, 60_000);

  test('after the SDK has started it', async () => {
    const port = await freePort();
    const begin = `attempt(() => expectZero(loopwire.startCommunicate(1, ${port}, token)));`;
    expect(await rounds(again('loopwire.stopCommunicate();', begin))).toEqual({});
  }, 60_000);

  test('after a Worker that listened there', async () => {
    const port = await freePort();
    const code = `
      const { Worker } = require('node:worker_threads');
      const port = ${port};
      const program = "const loopwire = require('.'); loopwire.startEventListener(" + port + ", " +
        "loopwire.generateToken(), () => {}); require('node:worker_threads').parentPort.postMessage('on');";
      for (let round = 0; round < 10; round += 1) {
        const worker = new Worker(program, { eval: true });
        await once(worker, 'message');
        await worker.terminate();
        attempt(() => start(port));
        loopwire.stopCommunicate();
      }`;
    expect(await rounds(code)).toEqual({});
  }, 60_000);
});

describe('other ports in one turn', () => {
  test('the local HTTP API after stopHttpApi()', async () => {
    const port = await freePort();
    const begin = `attempt(() => expectZero(loopwire.startHttpApi(${port})));`;
    expect(await rounds(again('loopwire.stopHttpApi();', begin))).toEqual({});
  }, 60_000);

  test('a listener where a port was forwarded', async () => {
    const port = await freePort();
    const code = `
      loopwire.setRangePort(${port}, ${port});
      for (let round = 0; round < 50; round += 1) {
        await loopwire.forward({ port: ${port}, upstream: 'direct:' }).catch((error) => attempt(() => { throw error; }));
        loopwire.removePort(${port});
        attempt(() => start(${port}));
        loopwire.stopCommunicate();
      }
      await loopwire.forward({ port: ${port}, upstream: 'direct:' });
      loopwire.shutdown();
      attempt(() => start(${port}));`;
    expect(await rounds(code)).toEqual({});
  }, 60_000);
});

when(process.platform === 'linux', 'Linux').test(
  'close() and shutdown() leave no descriptor, although everything is still held',
  async () => {
    const child = runNode(`
      const fs = require('node:fs');
      const os = require('node:os');
      const path = require('node:path');
      // A round before the first measurement: Node opens some of its own.
      const held = [];
      const open = () => {
        const all = [];
        for (const name of fs.readdirSync('/proc/self/fd')) {
          try {
            all.push(name + ' ' + fs.readlinkSync('/proc/self/fd/' + name));
          } catch {
            // The directory itself.
          }
        }
        return new Set(all);
      };
      const uses = {
        async listener() {
          const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
          held.push(listener);
          await listener.close();
        },
        async workspace() {
          const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-'));
          const workspace = loopwire.openWorkspace(directory);
          const terminal = await workspace.terminal({ command: 'echo hi' });
          held.push(workspace, terminal, terminal.exit);
          await terminal.exit;
          await workspace.writeFile('x', 'y');
          await workspace.close();
          fs.rmSync(directory, { recursive: true });
        },
        async 'a workspace that only shutdown() closes'() {
          const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-'));
          const workspace = loopwire.openWorkspace(directory);
          held.push(workspace, await workspace.terminal({ command: 'sleep 60', pty: false }));
          await loopwire.shutdown();
          fs.rmSync(directory, { recursive: true });
        },
        async forward() {
          const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-'));
          loopwire.setSaveDataPath(directory);
          held.push(await loopwire.forward({ port: loopwire.getPortsFreeWithLimit(1)[0], upstream: 'direct:' }));
          await loopwire.shutdown();
          fs.rmSync(directory, { recursive: true });
        },
        async 'the HTTP API'() {
          held.push(loopwire.startHttpApi(${await freePort()}));
        },
      };
      (async () => {
        const left = {};
        for (const [name, use] of Object.entries(uses)) {
          const before = open();
          await use();
          await loopwire.shutdown();
          left[name] = [...open()].filter((one) => !before.has(one));
        }
        console.log(JSON.stringify(left));
      })();`);
    expect(JSON.parse(await child.next())).toEqual({
      listener: [],
      workspace: [],
      'a workspace that only shutdown() closes': [],
      forward: [],
      'the HTTP API': [],
    });
    expect(await child.ended).toMatchObject({ code: 0 });
  },
  30_000,
);

test('a closed listener is collected, its callback and all', async () => {
  const child = runNode(
    `
    const { setTimeout: later } = require('node:timers/promises');
    let collected = 0;
    const registry = new FinalizationRegistry(() => (collected += 1));
    async function openAndClose() {
      const callback = () => {};
      registry.register(callback);
      const listener = loopwire.startEventListener(0, loopwire.generateToken(), callback, {
        onConnection() {},
      });
      loopwire.emit('my:event', 'x');
      await listener.close();
    }
    (async () => {
      for (let n = 0; n < 20; n += 1) await openAndClose();
      // Finalizers run in turns of their own.
      for (let turn = 0; turn < 100 && collected < 19; turn += 1) {
        global.gc();
        await later(5);
      }
      console.log(collected);
    })();`,
    { args: ['--expose-gc'] },
  );
  expect(Number(await child.next())).toBeGreaterThanOrEqual(19);
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('shutdown() does not end what is started after it', async () => {
  const before = loopwire.startEventListener(0, loopwire.generateToken(), () => {});
  const { epoch } = before.stats();
  const shutdown = loopwire.shutdown();
  let heard;
  const event = new Promise((resolve) => (heard = resolve));
  const after = loopwire.startEventListener(0, loopwire.generateToken(), (data) => heard(data));
  loopwire.emit('my:event', 'x');
  await shutdown;
  expect(before.closed).toBe(true);
  expect(after.closed).toBe(false);
  expect(after.stats().epoch).not.toBe(epoch);
  expect((await event).toString()).toBe('{"type":"my:event","payload":"x"}');
  await loopwire.shutdown();
});

test('a process ends when its listeners were shut down right after they were started', async () => {
  const child = runNode(`
    loopwire.startEventListener(0, loopwire.generateToken(), () => {});
    loopwire.emit('my:event', 'x');
    loopwire.shutdown().then(() => console.log('down'));`);
  expect(await child.next()).toBe('down');
  expect(await child.ended).toMatchObject({ code: 0 });
});

test('emit() inside a toJSON() of another event leaves that one its type', async () => {
  const texts = [];
  let done;
  const all = new Promise((resolve) => (done = resolve));
  const listener = loopwire.startEventListener(0, loopwire.generateToken(), (data) => {
    texts.push(data.toString());
    if (texts.length === 2) done();
  });
  // Beyond these, types share a place.
  for (let n = 0; n < 300; n += 1) expect(() => loopwire.emit(`t${n}`, 7)).toThrow('payload');
  loopwire.emit('outer', { toJSON: () => (loopwire.emit('inner', 'x'), { a: 1 }) });
  await all;
  expect(texts[0]).toBe('{"type":"inner","payload":"x"}');
  expect(texts[1]).toMatch(/^\{"type":"outer","data":\{"a":1\},/);
  await listener.close();
});

test('the URL of a wildcard can be connected to', async () => {
  const options = { host: '0.0.0.0', insecure: true };
  const token = loopwire.generateToken();
  const listener = loopwire.startEventListener(0, token, () => {}, options);
  expect(listener.url).toBe(`ws://127.0.0.1:${listener.port}/ws/${token}`);
  await listener.close();
});
