// What `require('loopwire')` loads and starts: as little as a listener needs.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { needs, when } = require('../support/needs.cjs');
const { application } = require('../support/package/packed.cjs');

/** @type {Awaited<ReturnType<typeof application>>} */
let app;

/** Prints the package's own files that were loaded since the last call. */
const LOADED = `
const path = require('node:path');
const own = path.dirname(require.resolve('loopwire/package.json'));
const told = new Set();
const loaded = () => {
  const files = Object.keys(require.cache).filter((file) => file.startsWith(own + path.sep));
  const more = files.filter((file) => !told.has(file));
  for (const file of more) told.add(file);
  console.log(JSON.stringify(more.map((file) => path.relative(own, file).replaceAll(path.sep, '/'))));
};`;

const FILES = `${LOADED}
const loopwire = require('loopwire');
loopwire.startEventListener(0, 'a-token-of-the-app', () => {});
loopwire.emit('app:started', 'hello');
loaded();
loopwire.openWorkspace('.');
loaded();
loopwire.shutdown();
`;

const THREADS = `
const fs = require('node:fs');
const threads = () => fs.readdirSync('/proc/self/task').length;
const before = threads();
const loopwire = require('loopwire');
console.log(threads() - before);
loopwire.startEventListener(0, 'a-token-of-the-app', () => {});
console.log(threads() > before);
loopwire.shutdown();
`;

const ERRORS = `
const loopwire = require('loopwire');
function emits() { loopwire.emit(7); }
async function reads() { await loopwire.openWorkspace('.').readFile('nope'); }
try { emits(); } catch (error) { console.log(error.stack); }
reads().catch((error) => console.log(error.stack)).finally(() => loopwire.shutdown());
`;

/** Forwards through an upstream that speaks TLS. What is looked for in `/mark` shows in the trace where that begins. */
const AUTHORITIES = `
const fs = require('node:fs');
const net = require('node:net');
const loopwire = require('loopwire');
const mark = (name) => fs.existsSync('/mark/' + name);
const listener = loopwire.startEventListener(0, 'a-token-of-the-app', () => {});
loopwire.emit('app:started', 'hello');
loopwire.openWorkspace('.');
const upstream = net.createServer((socket) => socket.destroy());
const other = net.createServer();
const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
(async () => {
  await Promise.all([listen(upstream), listen(other)]);
  const { port } = other.address();
  await new Promise((resolve) => other.close(resolve));
  loopwire.setRangePort(port, port);
  mark('before');
  const told = { port, upstream: 'https://127.0.0.1:' + upstream.address().port };
  await loopwire.forward(told).catch((error) => console.log(error.code));
  mark('after');
  await loopwire.shutdown();
  upstream.close();
})();
`;

beforeAll(async () => {
  app = await application({
    'files.cjs': FILES,
    'threads.cjs': THREADS,
    'errors.cjs': ERRORS,
    'authorities.cjs': AUTHORITIES,
    'authorities.pem': '',
  });
}, 300_000);
afterAll(() => app?.remove());

test('two files are loaded, and a third with the first workspace', async () => {
  const { code, output } = await app.run(process.execPath, ['files.cjs']);
  expect({ code, output }).toMatchObject({ code: 0 });
  const [started, opened] = output.trim().split('\n').map(JSON.parse);
  expect(started).toEqual(['entry.js', 'loopwire.js']);
  expect(opened).toEqual(['lib/workspace.js']);
});

test('what the files of the package are made of is not packed beside them', () => {
  const packed = app.path('node_modules/loopwire');
  for (const name of ['index.js', 'lib/listener.js', 'lib/native.js', 'lib/git.js']) {
    expect([name, fs.existsSync(path.join(packed, name))]).toEqual([name, false]);
  }
});

test('stacks of its errors begin in the application', async () => {
  const { code, output } = await app.run(process.execPath, ['errors.cjs']);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/must be a string[^\n]*\n +at emits \(.*errors\.cjs:3:/);
  expect(output).toMatch(/\n +at reads \(.*errors\.cjs:4:/);
  expect(output).not.toMatch(/loopwire\.js|lib\/workspace\.js/);
});

when(process.platform === 'linux', 'Linux').test('a require starts no thread', async () => {
  const { code, output } = await app.run(process.execPath, ['threads.cjs']);
  expect({ code, output }).toEqual({ code: 0, output: '0\ntrue\n' });
});

needs('strace').test(
  'the authorities of the system are not read before there is a TLS client',
  async () => {
    const args = ['-f', '-qq', '-e', 'trace=file', '-o', 'trace', process.execPath];
    const { code, output } = await app.run('strace', [...args, 'authorities.cjs'], {
      SSL_CERT_FILE: app.path('authorities.pem'),
    });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/^\w+\n$/) });
    const calls = fs.readFileSync(app.path('trace'), 'utf8').split('\n');
    const at = (/** @type {string} */ name) => calls.findIndex((call) => call.includes(name));
    const opened = calls.findIndex((call) => /openat.*"\/.*authorities\.pem/.test(call));
    expect(at('/mark/before')).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(at('/mark/before'));
    expect(at('/mark/after')).toBeGreaterThan(opened);
  },
  60_000,
);
