// The snippets of the sandbox's page that are written for its client, unchanged, with `SandboxClient`. Only the import
// names another module. On each platform that the client is for. The host is mapped and has a certificate; the workspace is where
// the page has it.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { needs, tool, when } = require('../support/needs.cjs');
const { gitServer } = require('../support/git/http.cjs');
const { repository, serve } = require('../support/git/place.cjs');
const { HOST } = require('../support/pages/tab.cjs');
const { heardFirst, until } = require('../support/pages/lines.cjs');
const { APP, TAKE_MS, certify, free, take } = require('../support/pages/place.cjs');
const { PLATFORMS } = require('../support/pages/platforms.cjs');
const snippets = require('../support/pages/sandbox-client.cjs');
const { until: eventually } = require('../support/until.cjs');

const LONG = 120_000;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-page-'));
const file = (name) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What the page's console and process are: each line can be awaited. */
const PRELUDE = `const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
const print = globalThis.console.log.bind(globalThis.console);
const console = { log: (...all) => print(all.map(text).join(' ')), error: (...all) => print('ERROR', ...all) };
const process = {
  env: { SANDBOX_TOKEN: 'YOUR_TOKEN' },
  stdout: { write: (output) => print('OUT ' + JSON.stringify(output)) },
};`;

/** The client with a connection, which the other snippets need. */
const connected = () => `${snippets.client}const ws = await sandbox.websocket.connect();`;

const ready = free() && tool('openssl') !== null;
const missing = `openssl, and a directory ${APP} that can be made`;

when(ready, missing).describe("the snippets of the sandbox's page for its client", () => {
  let listener;
  /** For platforms that cannot be told to trust a certificate for another address. */
  let plain;
  let workspace;
  let platform;
  const programs = [];

  const connections = () => [...listener.connections(), ...plain.connections()];

  let giveBack;
  beforeAll(async () => {
    giveBack = await take();
    certify(HOST, file('cert.pem'), file('key.pem'));
    const tls = { cert: fs.readFileSync(file('cert.pem')), key: fs.readFileSync(file('key.pem')) };
    listener = loopwire.startEventListener(0, 'YOUR_TOKEN', () => {}, {
      tls,
      allowedHosts: [`${HOST}:55872`],
    });
    plain = loopwire.startEventListener(0, 'YOUR_TOKEN', () => {});
    workspace = loopwire.openWorkspace(APP, { snapshotDir: file('state') });
  }, TAKE_MS);
  afterEach(async () => {
    for (const { end } of programs.splice(0)) await end();
    await eventually(() => connections().length === 0, 'no connection');
  });
  afterAll(async () => {
    listener?.close();
    plain?.close();
    await workspace?.close();
    giveBack?.();
  });

  /** Runs a program; its lines. */
  async function program(code) {
    const program = await platform.run(`${PRELUDE}\n${code}\n`, {
      port: listener.port,
      plainPort: plain.port,
      cert: file('cert.pem'),
      folder,
    });
    programs.push(program);
    return program.lines;
  }

  for (const [name, one] of Object.entries(PLATFORMS)) {
    needs(...one.needs).describe(`on ${name}`, () => {
      beforeAll(() => {
        platform = one;
      });

      test(
        'connects, tells that it is open although it is asked after the await, and receives',
        async () => {
          const lines = await program(`${snippets.client}${snippets.connect}`);
          expect(await lines.next()).toBe('Connected to sandbox');
          loopwire.emit('something', { n: 1 });
          expect(await lines.next()).toMatch(/^Received: \{"type":"something","data":\{"n":1\},/);
          for (const one of [listener, plain]) {
            for (const { id } of one.connections()) one.disconnect(id);
          }
          expect(await lines.next()).toMatch(/^ERROR WebSocket error:/);
          await until(lines, 'Disconnected from sandbox');
        },
        LONG,
      );

      test(
        'tells whether it is connected, and of its connections, and disconnects',
        async () => {
          const lines = await program(
            `${snippets.client}${snippets.isConnected}\nconsole.log('was', connected);\n${snippets.connections}
        console.log(connections.length, Object.keys(connections[0]).slice(0, 3));
        ${snippets.disconnect}\nconsole.log('disconnected');`,
          );
          expect(await lines.take(3)).toEqual([
            'was false',
            '1 ["id","connected","lastPing"]',
            'disconnected',
          ]);
          await eventually(() => connections().length === 0, 'no connection');
        },
        LONG,
      );

      test(
        'runs the complete example',
        async () => {
          fs.rmSync(path.join(APP, 'package-lock.json'), { force: true });
          const lines = await program(`${snippets.client}${snippets.complete}`);
          const all = await until(lines, 'Command finished: 0');
          expect(all.filter((line) => line.startsWith('OUT ')).join('')).toContain('built');
          expect(all).toContain('File created: /opt/app/package-lock.json');
        },
        LONG,
      );

      test(
        'streams a command to its exit',
        async () => {
          const all = await until(
            await program(`${connected()}\n${snippets.terminal}`),
            'Command finished with exit code: 0',
          );
          expect(all.join('')).toContain('the server runs');
        },
        LONG,
      );

      test(
        'hears of the files that it watches',
        async () => {
          const lines = await program(`${connected()}\n${snippets.changed}\n${snippets.watch}`);
          fs.mkdirSync(path.join(APP, 'src'), { recursive: true });
          const first = await heardFirst(lines, (at) => path.join(APP, `src/a-${at}.js`));
          fs.rmSync(first);
          expect(await lines.take(2)).toEqual([`File changed: ${first}`, 'Change type: deleted']);
        },
        LONG,
      );

      needs('git').test(
        'hears of git and of snapshots',
        async () => {
          fs.rmSync(path.join(APP, 'copy'), { recursive: true, force: true });
          const source = repository(10_000);
          const server = await serve(gitServer(source.root));
          const url = `http://127.0.0.1:${server.port}/project.git`;
          const lines = await program(
            `${connected()}\n${snippets.git}\n${snippets.snapshots}
        await sandbox.git.clone({ url: '${url}', targetDir: 'copy' });
        const { commitHash } = await sandbox.snapshots.create();
        await sandbox.snapshots.restore(commitHash);
        console.log('end');`,
          );
          // The end comes over another connection than the events.
          const all = [];
          const has = (begin) => all.some((line) => line.startsWith(begin));
          while (!has('end') || !has('Restored to: ')) all.push(await lines.next());
          expect(all).toContain('Git progress: 100');
          expect(all).toContain('Git operation complete');
          expect(has('Snapshot created: ')).toBe(true);
        },
        LONG,
      );

      test(
        'sends its heartbeat and its queue, also when the connection is made again',
        async () => {
          // The page's clock, a hundred times as fast.
          const lines = await program(
            `const setInterval = (f, ms) => globalThis.setInterval(f, ms / 100);
        ${connected()}\n${snippets.ping}\n${snippets.heartbeat}\n${snippets.queue}
        ws.on('message', ({ type, data }) => console.log(type, data?.id ?? ''));
        sendMessage({ type: 'terminal:list', data: { id: 'queued' } });`,
          );
          const all = await lines.until((line) => line === 'pong ');
          expect(all).toContain('terminal:listed queued');
        },
        LONG,
      );
    });
  }
});
