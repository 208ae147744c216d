// Forwarded ports and the process: they work while JavaScript is blocked, keep the process alive, and let it end.
'use strict';

const { execFile, fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { promisify } = require('node:util');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  after,
  deadPort,
  entry,
  forwarding,
  isFree,
  loopwire,
  provide,
  serve,
  tcp,
} = require('../../support/forward/forwarding.cjs');

const root = path.resolve(__dirname, '..', '..', '..');

/** Runs a program of the package's; resolves to what it printed once it has ended by itself. */
async function program(code) {
  const begin = `const loopwire = require(${JSON.stringify(root)});`;
  const options = { timeout: 15_000, killSignal: 'SIGKILL' };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['-e', begin + code],
    options,
  );
  expect(stderr).toBe('');
  return stdout;
}

/** The code that forwards one port, and its number. */
async function forwards(upstream) {
  const at = upstream ?? (await serve(socksUpstream())).port;
  const url = provide([entry('1', 'socks5', at)]);
  const port = await deadPort();
  const code =
    `loopwire.setAPIHost(${JSON.stringify(url)});` +
    `loopwire.updateIpFormatAndPorts('127.0.0.1:%d', ${port}, 1);` +
    `const forwarded = loopwire.createWithId(${port}, '1');` +
    `const soon = (then) => setTimeout(then, 300).unref();`;
  return { port, code };
}

test('a blocked JavaScript thread does not stop traffic', async () => {
  const peer = fork(path.join(__dirname, '..', '..', 'support', 'forward', 'peer.cjs'), {
    execArgv: [],
  });
  after(() => peer.disconnect());
  const [upstream] = await once(peer, 'message');
  const { heard, start } = await forwarding({ list: [entry('1', 'socks5', upstream)] });
  expect(await loopwire.createWithId(start, '1')).toBe(0);
  await heard.until((texts) => texts.length === 2);

  const answer = once(peer, 'message');
  await new Promise((resolve) => peer.send(start, resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  const unblocked = Date.now();
  const [{ statuses, done }] = await answer;
  expect(statuses).toEqual([200, 200, 200]);
  expect(done).toBeLessThan(unblocked);
});

describe('a forwarded port keeps the process alive', () => {
  test.each([
    ['removePort', (port) => `loopwire.removePort(${port})`],
    ['stopProxy', () => 'loopwire.stopProxy()'],
    ['shutdown', () => 'loopwire.shutdown()'],
    [
      'a shrunken range',
      (port) => `loopwire.updateIpFormatAndPorts('127.0.0.1:%d', ${port - 1}, 1)`,
    ],
  ])('until %s', async (_, end) => {
    const { code, port } = await forwards();
    const said = await program(
      `${code} forwarded.then((result) => { console.log(result); soon(() => { console.log('still here'); ${end(port)} }) })`,
    );
    expect(said).toBe('0\nstill here\n');
    expect(await isFree(port)).toBe(true);
  });

  test('an open request keeps it alive, too, until it fails', async () => {
    const silent = await tcp(() => {});
    const { code, port } = await forwards(silent);
    const said = await program(
      `loopwire.configure({ handshakeTimeoutMs: 500 });
       ${code} forwarded.then((result) => console.log(result))`,
    );
    expect(said).toBe('1\n');
    expect(await isFree(port)).toBe(true);
  });

  test('the engine alone does not', async () => {
    expect(await program(`loopwire.runAsync(); loopwire.enableDebug(); console.log('up')`)).toBe(
      'up\n',
    );
  });

  test('process.exit ends it at once and frees the port', async () => {
    const { code, port } = await forwards();
    const said = await program(
      `${code} forwarded.then(() => { console.log('up'); process.exit() })`,
    );
    expect(said).toBe('up\n');
    expect(await isFree(port)).toBe(true);
  });
});
