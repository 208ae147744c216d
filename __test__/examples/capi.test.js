// The examples of the C library: each is built and started by the commands of its README, with the real library.
'use strict';

const { execFile } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const WebSocket = require('ws');
const { Prefix } = require('../support/capi/prefix.cjs');
const { Document, root } = require('../support/documents/markdown.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { run } = require('../support/process/program.cjs');

/** A compiler that finds nothing in its cache, on a busy machine. */
const LONG = 120_000;

/** The port that each README has. */
const CHANNEL = '8881';

/** What each needs besides the library. */
const TOOLS = {
  c: ['cc', 'pkg-config'],
  cpp: ['c++', 'pkg-config'],
  csharp: ['mono'],
  go: ['cc', 'go', 'pkg-config'],
  python: ['pkg-config', 'python'],
};

/** Where they are built, one folder each. */
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-examples-'));
const prefix = tool('capi') ? new Prefix(tool('capi')) : null;
afterAll(() => {
  prefix?.remove();
  fs.rmSync(work, { recursive: true, force: true });
});

// Mono collects garbage before each allocation, so that every thread that calls it is suspended again and again.
const environment = () => ({
  MONO_GC_DEBUG: 'collect-before-allocs=1',
  ...process.env,
  ...prefix.env,
});

/** The commands of an example's README: those that build, and the last one, which starts it. */
function commands(name) {
  const { sections } = new Document(path.posix.join('examples', name, 'README.md'));
  const [block] = sections.flatMap(({ blocks }) => blocks);
  expect(block.language).toBe('sh');
  const lines = block.code.trimEnd().split('\n');
  return { build: lines.slice(0, -1), start: lines.at(-1) };
}

/** A copy of its folder in which the first commands were run. */
async function built(name) {
  const folder = path.join(work, name);
  if (fs.existsSync(folder)) return folder;
  fs.cpSync(path.join(root, 'examples', name), folder, { recursive: true });
  const script = commands(name).build.join('\n');
  const options = { cwd: folder, env: environment() };
  const { stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], options);
  expect(stderr).toBe('');
  return folder;
}

/** Starts it on a port. What an `export` of the build says holds here, too. */
async function start(name, channel) {
  const folder = await built(name);
  const exported = commands(name).build.filter((line) => line.startsWith('export '));
  const last = commands(name).start.replace(CHANNEL, String(channel));
  expect(last).not.toBe(commands(name).start);
  // The shell becomes the program.
  const script = [...exported, `exec ${last}`].join('\n');
  return run('bash', ['-euc', script], { cwd: folder, env: environment() });
}

/** A port that nobody uses for the moment, and what uses it until it is closed. */
async function taken() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((done) => server.close(done)) };
}

async function freePort() {
  const { port, close } = await taken();
  await close();
  return port;
}

/** The status of an answer that comes through a local port. */
async function through(port, url) {
  const request = http.get({ host: '127.0.0.1', port, path: url, agent: false });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

describe.each(Object.entries(TOOLS))('%s', (name, tools) => {
  const { test } = needs('capi', 'bash', ...tools);

  test(
    'forwards a port, prints its events, serves them to clients, and stops',
    async () => {
      const channel = await freePort();
      const child = await start(name, channel);
      const lines = [];
      const read = async (wanted) => {
        for (;;) {
          lines.push(await child.next());
          const found = wanted.exec(lines.at(-1));
          if (found) return found;
        }
      };
      const [, url, token] = await read(/^channel (ws:\S+) token (\S{22,})$/);
      expect(url).toBe(`ws://127.0.0.1:${channel}`);
      const [, port] = await read(/curl -x http:\/\/127\.0\.0\.1:(\d+) /);
      await read(/^press Enter/);

      expect(await through(port, `${url.replace('ws', 'http')}/health`)).toBe(200);
      const client = new WebSocket(`${url}/ws/${token}`);
      await once(client, 'open');
      const closed = once(client, 'close');

      child.tell('');
      const [, count] = await read(/^stopped after (\d+) events$/);
      expect(await child.ended).toEqual({ code: 0, signal: null, errors: '' });
      expect((await closed)[0]).toBe(1001);

      const events = lines.filter((text) => text.startsWith('event ')).map((text) => text.slice(6));
      expect(events).toHaveLength(Number(count));
      const types = events
        .map((text) => JSON.parse(text))
        .map(({ type, payload }) => [type, payload]);
      expect(types).toEqual(
        expect.arrayContaining([
          ['portStateUpdate', port],
          ['forwardListCompleted', 'my-proxy'],
        ]),
      );
    },
    LONG,
  );

  test(
    'says why it failed, and ends',
    async () => {
      const { port, close } = await taken();
      const child = await start(name, port);
      const { code, errors } = await child.ended;
      await close();
      expect(errors).toMatch(new RegExp(String.raw`EADDRINUSE.*127\.0\.0\.1:${port}`));
      expect(code).toBe(1);

      const folder = await built(name);
      fs.writeFileSync(path.join(folder, 'proxies.json'), '[]');
      const other = await start(name, await freePort());
      const ended = await other.ended;
      expect(ended.errors).toMatch('unknown proxy');
      expect(ended.code).toBe(1);
    },
    LONG,
  );
});

/** Compilers and what they are to find nothing in. */
const CHECKS = [
  ['gcc', ['-std=c11'], 'c/forward.c'],
  ['clang', ['-std=c11'], 'c/forward.c'],
  ['g++', ['-std=c++17'], 'cpp/forward.cpp'],
  ['clang++', ['-std=c++17'], 'cpp/forward.cpp'],
];

for (const [compiler, flags, file] of CHECKS) {
  needs(compiler).test(`${compiler} has nothing to say of ${file}`, async () => {
    const include = path.join(root, 'crates', 'capi', 'include');
    const strict = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-fsyntax-only', '-I', include];
    const source = path.join(root, 'examples', file);
    const { stderr } = await promisify(execFile)(compiler, [...flags, ...strict, source]);
    expect(stderr).toBe('');
  });
}
