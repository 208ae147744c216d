// The snippets of the sandbox's page, unchanged, against `loopwire serve`: with `ws`, Node's own WebSocket and
// Chromium. The host is mapped and has a certificate; the workspace is where the page has it; the token is the page's word.
//
// Those with `sandbox.websocket.*` are in sandbox-client.test.js.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const { loopwire: command } = require('../support/process/command-line.cjs');
const { needs, when } = require('../support/needs.cjs');
const { gitServer } = require('../support/git/http.cjs');
const { repository, serve } = require('../support/git/place.cjs');
const { CLIENTS, around } = require('../support/pages/clients.cjs');
const { heardFirst, until } = require('../support/pages/lines.cjs');
const { asker } = require('../support/pages/ask.cjs');
const { APP, TAKE_MS, certify, free, take } = require('../support/pages/place.cjs');
const snippets = require('../support/pages/sandbox.cjs');
const { HOST } = require('../support/pages/tab.cjs');

const LONG = 120_000;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-page-'));
const file = (name) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** One raw request of the page's. */
const ask = asker(HOST, file('cert.pem'));

const app = (name) => path.join(APP, name);

/** All that was put out, in one text. */
const output = (lines) =>
  lines
    .filter((line) => line.startsWith('OUT '))
    .map((line) => JSON.parse(line.slice(4)))
    .join('');

/** An event as the page has it. */
const changed = (path) => loopwire.emit('file:changed', { path, changeType: 'modified' });

/** What a request that went well is answered. */
const answer = (body) => ({ status: 200, body: { success: true, ...body } });

when(free(), `a directory ${APP} that can be made`).describe("the sandbox's page", () => {
  let giveBack;
  beforeAll(async () => {
    giveBack = await take();
    fs.writeFileSync(file('token'), 'YOUR_TOKEN\n', { mode: 0o600 });
    certify(HOST, file('cert.pem'), file('key.pem'));
  }, TAKE_MS);
  afterAll(() => giveBack?.());

  let port;
  beforeEach(async () => {
    const tlsFiles = ['--tls-cert', file('cert.pem'), '--tls-key', file('key.pem')];
    const args = [
      'serve',
      '--json',
      '--workspace',
      APP,
      '--token-file',
      file('token'),
      ...tlsFiles,
    ];
    const env = { XDG_STATE_HOME: file('state') };
    const server = command([...args, '--allowed-host', `${HOST}:55872`], { env });
    ({ port } = JSON.parse(await server.next()));
  });

  const ends = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** Runs a program; its lines. */
  async function program(client, code, at = port) {
    const { lines, end } = await CLIENTS[client].run(around(code), at, file('cert.pem'));
    ends.push(end);
    return lines;
  }

  /** A listener of this process, for what `serve` has no option for. */
  function listen(options) {
    const listener = loopwire.startEventListener(0, 'YOUR_TOKEN', () => {}, {
      tls: { cert: fs.readFileSync(file('cert.pem')), key: fs.readFileSync(file('key.pem')) },
      allowedHosts: [`${HOST}:55872`],
      ...options,
    });
    ends.push(() => listener.close());
    return listener;
  }

  for (const [client, { needs: tools }] of Object.entries(CLIENTS)) {
    needs(...tools).describe(client, () => {
      test(
        'connects, receives and disconnects',
        async () => {
          const lines = await program(
            client,
            `${snippets.native}
            ws.addEventListener('open', () => ws.send('{"type":"ping"}'));
            ws.addEventListener('message', () => ws.close());`,
          );
          expect(await lines.next()).toBe('Connected');
          expect(await lines.next()).toMatch(/^Received: \{"type":"pong","timestamp":"[^"]+Z"\}$/);
          expect(await lines.next()).toBe('Disconnected');
        },
        LONG,
      );

      test(
        'authenticates by the query, and not with another token',
        async () => {
          const say = `ws.addEventListener('open', () => console.log('in'));
            ws.addEventListener('error', () => console.log('out'));`;
          expect(await (await program(client, `${snippets.authentication}\n${say}`)).next()).toBe(
            'in',
          );
          const wrong = snippets.native
            .replace('YOUR_TOKEN', 'MY_TOKEN')
            .replace(/console\.error.*/, '');
          expect(await (await program(client, `${wrong}\n${say}`)).next()).toBe('out');
        },
        LONG,
      );

      test(
        'streams the output of a command to its exit',
        async () => {
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);\n${snippets.terminal}`,
          );
          const all = await until(lines, 'Command finished with exit code: 0');
          expect(output(all)).toContain('the server runs\n');
        },
        LONG,
      );

      test(
        'gets the messages of a command in the form that the page shows',
        async () => {
          const lines = await program(
            client,
            `const ws = dial(); await opened(ws);
            ws.addEventListener('message', ({ data }) => console.log(data));\n${snippets.execute}`,
          );
          const messages = [];
          do messages.push(JSON.parse(await lines.next()));
          while (messages.at(-1).type !== 'terminal:exit');
          const types = new Set(messages.map(({ type }) => type));
          expect([...types]).toEqual(['terminal:output', 'terminal:exit']);
          for (const message of messages) {
            expect(Object.keys(message)).toEqual(['type', 'data', 'timestamp']);
            expect(new Date(message.timestamp).toISOString()).toBe(message.timestamp);
          }
          expect(messages.map(({ data }) => data.output ?? '').join('')).toContain('package.json');
          expect(messages.at(-1).data.exitCode).toBe(0);
        },
        LONG,
      );

      test(
        'hears of every file that changes',
        async () => {
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);
            ${snippets.changed}\nconsole.log('listens');`,
          );
          await until(lines, 'listens');
          // Everything is watched soon after the server has started.
          const hello = await heardFirst(lines, (at) => app(`hello-${at}.js`));
          fs.appendFileSync(hello, 'more');
          expect(await lines.take(2)).toEqual([`File changed: ${hello}`, 'Change type: modified']);
          fs.rmSync(hello);
          expect(await lines.take(2)).toEqual([`File changed: ${hello}`, 'Change type: deleted']);
        },
        LONG,
      );

      test(
        'hears of the files that it watches, and of no others',
        async () => {
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);
            ${snippets.changed}\n${snippets.watch}
            ws.on('message', ({ type }) => type === 'file:watching' && console.log('watches'));
            ws.send(JSON.stringify({ type: 'file:watch', data: { id: 1, paths: ['/opt/app/end-*'] } }));`,
          );
          // The answer to its own request the page does not know.
          await until(lines, 'watches');
          const deep = app('src/deep');
          fs.mkdirSync(deep, { recursive: true });
          const first = await heardFirst(lines, (at) => path.join(deep, `a-${at}.js`));
          fs.writeFileSync(app('src/b.ts'), 'x');
          fs.writeFileSync(app('c.js'), 'x');
          const [old, next] = [first, app('src/d.js')];
          fs.renameSync(old, next);
          // It did not ask for renames, so it gets the two halves.
          const heard = await lines.take(4);
          expect(heard).toEqual([
            `File changed: ${old}`,
            'Change type: deleted',
            `File changed: ${next}`,
            'Change type: created',
          ]);
          fs.rmSync(app('src'), { recursive: true });
        },
        LONG,
      );

      test(
        'takes binary data',
        async () => {
          const lines = await program(
            client,
            `${snippets.binary}
            ws.onopen = () =>
              ws.send(JSON.stringify({ type: 'terminal:execute', data: { command: 'printf hello' } }));`,
          );
          // Stream number and offset, and the five bytes.
          expect(await lines.next()).toBe('Received binary data: 17 bytes');
        },
        LONG,
      );

      test(
        'hears of snapshots',
        async () => {
          const send = `const send = (type, data) => ws.send(JSON.stringify({ type, data }));
            ws.on('message', ({ type, data }) => type.endsWith(':created') && send('snapshot:restore', data));
            send('snapshot:create', { message: 'of the page' });`;
          const connect = `const socket = dial(); await opened(socket); const ws = adapted(socket);`;
          const code = `${connect}\n${snippets.snapshots}\n${send}`;
          const lines = await program(client, code);
          const [, hash] = /^Snapshot created: ([0-9a-f]{40})$/.exec(await lines.next());
          expect(await lines.next()).toBe(`Restored to: ${hash}`);
        },
        LONG,
      );

      test(
        'reconnects as the page does',
        async () => {
          const lines = await program(
            client,
            `const token = 'YOUR_TOKEN';\n${snippets.reconnection}`,
          );
          expect(await lines.next()).toBe('Connected');
          expect(await ask(port, snippets.http.disconnect)).toMatchObject({
            body: { disconnected: 1 },
          });
          expect(await lines.next()).toBe('Reconnecting... (1/5)');
          expect(await lines.next()).toBe('Connected');
        },
        LONG,
      );

      test(
        'sends its heartbeat, and is answered',
        async () => {
          // The page's clock, a hundred times as fast.
          const lines = await program(
            client,
            `const socket = dial(); const ws = adapted(socket);
            const setInterval = (f, ms) => globalThis.setInterval(f, ms / 100);
            ${snippets.heartbeat}
            ws.on('message', (message) => console.log(message.type));
            ws.on('close', () => console.log('closed'));`,
          );
          expect(await lines.take(3)).toEqual(['pong', 'pong', 'pong']);
          await ask(port, snippets.http.disconnect);
          await until(lines, 'closed');
        },
        LONG,
      );

      test(
        'flushes its queue in order',
        async () => {
          const lines = await program(
            client,
            `const ws = adapted(dial());
            ws.on('message', (message) => console.log(message.data.id));
            ${snippets.queue}
            for (const id of ['a', 'b', 'c']) sendMessage({ type: 'terminal:list', data: { id } });
            ws.on('open', () => sendMessage({ type: 'terminal:list', data: { id: 'd' } }));`,
          );
          expect(await lines.take(4)).toEqual(['a', 'b', 'c', 'd']);
        },
        LONG,
      );

      needs('git').test(
        'hears of git operations',
        async () => {
          const source = repository(200_000);
          const server = await serve(gitServer(source.root));
          const url = `http://127.0.0.1:${server.port}/project.git`;
          const targetDir = `${APP}/${client.replaceAll(/\W/g, '')}`;
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);\n${snippets.git}
            ws.send(${JSON.stringify(JSON.stringify({ type: 'git:clone', data: { url, targetDir } }))});`,
          );
          const all = await until(lines, 'Git operation complete');
          expect(all.slice(-3)).toEqual([
            'Git progress: 100',
            'Status: Done',
            'Git operation complete',
          ]);
          expect(fs.readdirSync(targetDir)).toContain('file-0');
        },
        LONG,
      );

      test(
        'runs the complete example',
        async () => {
          fs.rmSync(app('package-lock.json'), { force: true });
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);\n${snippets.complete}`,
          );
          const all = await until(lines, 'Command finished: 0');
          expect(output(all)).toContain('built\n');
          expect(all).toContain('File created: /opt/app/package-lock.json');
        },
        LONG,
      );

      test(
        'answers the pings of the server, and stays',
        async () => {
          const listener = listen({ heartbeatMs: 300 });
          const lines = await program(
            client,
            `const ws = adapted(dial());\n${snippets.ping}
            ws.on('message', ({ type }) => console.log(type));`,
            listener.port,
          );
          expect(await lines.take(5)).toEqual(Array(5).fill('ping'));
          expect(listener.connections()).toHaveLength(1);
        },
        LONG,
      );
    });
  }

  needs('openssl').test(
    'manages connections by the requests of the page',
    async () => {
      expect(await ask(port, snippets.http.connection)).toEqual(answer({ wsConnected: false }));
      const lines = await program('ws', snippets.native);
      expect(await lines.next()).toBe('Connected');
      expect(await ask(port, snippets.http.connection)).toEqual(answer({ wsConnected: true }));
      const { status, body } = await ask(port, snippets.http.connections);
      expect([status, body.success, body.connections.length]).toEqual([200, true, 1]);
      const [{ id, connected, lastPing }] = body.connections;
      expect(id).toMatch(/^conn-\d+$/);
      for (const time of [connected, lastPing]) {
        expect(new Date(time).toISOString()).toBe(time);
      }
      expect(await ask(port, snippets.http.silent)).toEqual(
        answer({ wsConnected: true, silent: true }),
      );
      expect(await ask(port, snippets.http.disconnect)).toEqual(answer({ disconnected: 1 }));
      expect(await until(lines, 'Disconnected')).toEqual(['Disconnected']);
      expect(await ask(port, snippets.http.connection)).toEqual(answer({ wsConnected: false }));
    },
    LONG,
  );

  needs('openssl').test(
    'mutes changes of files by the request of the page',
    async () => {
      const listener = listen();
      const lines = await program('ws', snippets.native, listener.port);
      expect(await lines.next()).toBe('Connected');
      const silent = answer({ wsConnected: true, silent: true });
      expect(await ask(listener.port, snippets.http.silent)).toEqual(silent);
      for (const path of ['a', 'b', 'c']) changed(path);
      const loud = snippets.http.silent.replace('X-Notify-Type: silent\n', '');
      await ask(listener.port, loud);
      changed('d');
      const summary = /^Received: \{"type":"file:summary","data":\{"changed":3,"since":"[^"]+Z"\},/;
      expect(await lines.next()).toMatch(summary);
      expect(await lines.next()).toMatch(/^Received: \{"type":"file:changed","data":\{"path":"d",/);
    },
    LONG,
  );
});
