// Restart: what was stopped in one line can be started on the same port in the next one, without waiting.
'use strict';

const os = require('node:os');
const { freePort } = require('../support/channel/sockets.cjs');
const { runNode } = require('../support/process/program.cjs');
const { when } = require('../support/needs.cjs');

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
