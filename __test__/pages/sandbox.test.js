// The snippets of the sandbox's page, unchanged, against `loopwire serve`: with `ws`, Node's own WebSocket and
// Chromium. The host is mapped and has a certificate; the workspace is where the page has it; the token is the page's word.
//
// Not here: `sandbox.websocket.*` (connect, isConnected, disconnect, getConnections) belongs to a client of its own, and
// `file:changed`, `file:watch` and `git:` to what a workspace of this version does not do.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const loopwire = require('../..');
const { loopwire: command } = require('../support/process/command-line.cjs');
const { Inbox } = require('../support/inbox.cjs');
const { launch } = require('../support/chromium.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { run } = require('../support/process/program.cjs');
const raw = require('../support/pages/raw-request.cjs');
const snippets = require('../support/pages/sandbox.cjs');

const HOST = 'sandbox.oblien.com';
const APP = '/opt/app';
const LONG = 120_000;

/** Whether the directory of the page can be made here and does not exist yet. */
function free() {
  if (process.platform === 'win32' || fs.existsSync(APP)) return false;
  try {
    fs.accessSync(path.dirname(APP), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-page-'));
const file = (name) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What every program has around the snippet: one way to print, the page's variables, and the adapter of its listeners. */
const around = (code) => `(async () => {
  const print = globalThis.console.log.bind(globalThis.console);
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  const console = { log: (...all) => print(all.map(text).join(' ')), error: (...all) => print('ERROR', ...all) };
  const process = {
    env: { SANDBOX_TOKEN: 'YOUR_TOKEN' },
    stdout: { write: (output) => print('OUT ' + JSON.stringify(output)) },
  };
  const adapted = (socket) => ({
    on: (name, f) => socket.addEventListener(name, name === 'message' ? ({ data }) => f(JSON.parse(data)) : f),
    send: (data) => socket.send(data),
    close: () => socket.close(),
    get readyState() { return socket.readyState; },
  });
  const opened = (socket) => new Promise((resolve) => socket.addEventListener('open', resolve));
  const dial = () => new WebSocket('wss://${HOST}:55872?token=YOUR_TOKEN');
  ${code}
})();`;

/** The three clients: each runs a program against a port and gives its lines. */
const CLIENTS = {
  ws: {
    needs: ['openssl'],
    run: (code, port) => node(process.execPath, `const WebSocket = require('ws');\n${code}`, port),
  },
  "Node's own WebSocket": {
    needs: ['openssl', 'node22'],
    run: (code, port) => node(tool('node22'), code, port),
  },
  Chromium: { needs: ['openssl', 'chromium'], run: page },
};

function node(program, code, port) {
  const args = [
    '--require',
    path.join(__dirname, '..', 'support', 'pages', 'host.cjs'),
    '-e',
    code,
  ];
  const env = { ...process.env, LOOPWIRE_PAGE_PORT: port, NODE_EXTRA_CA_CERTS: file('cert.pem') };
  const child = run(program, args, { env });
  return { lines: child, end: () => child.process.kill('SIGKILL') };
}

/** In a page of a local server: that is an origin which every listener admits. */
async function page(code, port) {
  const site = http.createServer((_, answer) => answer.end('<!doctype html>'));
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const browser = await launch([
    '--ignore-certificate-errors',
    `--host-resolver-rules=MAP ${HOST}:55872 127.0.0.1:${port}`,
  ]);
  const lines = new Inbox();
  const tab = await browser.newPage();
  // The browser's own complaints are of other types.
  tab.on('console', (message) => message.type() === 'log' && lines.push(message.text()));
  await tab.goto(`http://127.0.0.1:${site.address().port}/`);
  await tab.addScriptTag({ content: code });
  return {
    lines,
    end: async () => {
      await browser.close();
      site.close();
    },
  };
}

/** One raw request of the page's. */
const ask = (port, request) => raw(port, request, HOST, fs.readFileSync(file('cert.pem')));

/** The lines until one of them is this. */
async function until(lines, last) {
  const all = [];
  while (all.at(-1) !== last) all.push(await lines.next());
  return all;
}

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
  beforeAll(() => {
    fs.mkdirSync(APP);
    const scripts = { dev: 'echo the server runs', build: 'echo built' };
    fs.writeFileSync(path.join(APP, 'package.json'), JSON.stringify({ name: 'app', scripts }));
    fs.writeFileSync(file('token'), 'YOUR_TOKEN\n', { mode: 0o600 });
    const out = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
    const names = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    execFileSync(
      tool('openssl'),
      ['req', '-x509', '-nodes', ...ec, '-days', '9', ...names, ...out],
      {
        stdio: 'pipe',
      },
    );
  });
  afterAll(() => fs.rmSync(APP, { recursive: true, force: true }));

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
    const { lines, end } = await CLIENTS[client].run(around(code), at);
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

      test(
        'runs the complete example',
        async () => {
          const lines = await program(
            client,
            `const socket = dial(); await opened(socket); const ws = adapted(socket);\n${snippets.complete}`,
          );
          expect(output(await until(lines, 'Command finished: 0'))).toContain('built\n');
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
