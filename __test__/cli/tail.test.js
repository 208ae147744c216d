// `loopwire tail`: every event in order, whatever happens to the connection, and a clean end.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const {
  file,
  finished,
  tcpProxy,
  loopwire: command,
} = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');
const children = require('../support/process/child.cjs');

const start = listeners(loopwire);
const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const urlOf = (listener) => `ws://127.0.0.1:${listener.port}`;
/** Patience with a machine that does ten things at once. */
const LONG = 90_000;

const is = (text) => (line) => line.includes(text);
const numbers = (lines) =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'my:number')
    .map(({ payload }) => Number(payload));
const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

/** What everybody on this machine can read of a process. */
const cmdline = (child) => fs.readFileSync(`/proc/${child.process.pid}/cmdline`, 'utf8');

/** Publishes numbers, not faster than the journal lets its readers follow. */
async function publish(from, to, pause) {
  for (let n = from; n <= to; n += 1) {
    loopwire.emit('my:number', String(n));
    if (n % 50 === 0) await sleep(pause);
  }
}

/** A tail that has its first connection. */
async function following(url, args = [], options = {}) {
  const child = command(['tail', url, ...args], { env, ...options });
  await child.complaints.pass(is('connected to'));
  return child;
}

test('events come one a line, as they are on the wire, with their numbers', async () => {
  const listener = start({}, TOKEN);
  const child = await following(urlOf(listener));
  loopwire.emit('my:event', 'a "text"\nwith é and 🎉');
  loopwire.emit('my:data', { deep: [1, { a: null }] });
  loopwire.emit('my:bare');
  const [first, second, third] = await child.take(3);
  expect(first).toMatch(
    /^\{"type":"my:event","payload":"a \\"text\\"\\nwith é and 🎉","seq":\d+\}$/,
  );
  expect(second).toMatch(
    /^\{"type":"my:data","data":\{"deep":\[1,\{"a":null\}\]\},"timestamp":"[^"]+Z","seq":\d+\}$/,
  );
  expect(third).toMatch(/^\{"type":"my:bare","seq":\d+\}$/);
});

test('it takes no events away from the interface that is connected', async () => {
  const { connect } = require('../support/channel/client.cjs');
  const listener = start({}, TOKEN);
  const client = await connect(listener);
  // The form of the interface itself, in the URL.
  await following(`${urlOf(listener)}/ws/${TOKEN}`, [], { env: {} });
  loopwire.emit('my:event', 'x');
  expect(await client.next()).toBe('{"type":"my:event","payload":"x"}');
});

test('--replay begins with what the journal holds, and --count ends after so many', async () => {
  const listener = start({}, TOKEN);
  await publish(1, 300, 0);
  const all = await finished(['tail', urlOf(listener), '--replay', '--count', '300', '--quiet'], {
    env,
  });
  expect(all).toMatchObject({ code: 0, errors: '' });
  expect(numbers(all.lines)).toEqual(upTo(300));
  const few = await finished(['tail', urlOf(listener), '--replay', '--count', '7'], { env });
  expect(numbers(few.lines)).toEqual(upTo(7));
});

test('the URL may have since and epoch; events lost before them are reported', async () => {
  const listener = start({}, TOKEN);
  await publish(1, 20, 0);
  const [last] = (
    await finished(['tail', urlOf(listener), '--replay', '--count', '20'], { env })
  ).lines.slice(-1);
  const { seq } = JSON.parse(last);
  const { epoch } = listener.stats();
  const url = `${urlOf(listener)}/ws?epoch=${epoch}&since=${seq - 5}`;
  const rest = await finished(['tail', url, '--count', '5'], { env });
  expect(numbers(rest.lines)).toEqual(upTo(20, 16));
  const other = `${urlOf(listener)}/ws?epoch=another&since=3`;
  const restarted = await finished(['tail', other, '--count', '20'], { env });
  expect(numbers(restarted.lines)).toEqual(upTo(20));
  expect(restarted.errors).toContain('gap: the listener was restarted');
});

test(
  'nothing is lost and nothing comes twice when connections are cut at random bytes',
  async () => {
    const last = 4000;
    const cutter = await tcpProxy({ limit: () => 1 + crypto.randomInt(40_000) });
    const listener = start({ allowedHosts: [`127.0.0.1:${cutter.port}`] }, TOKEN);
    cutter.to = listener.port;
    // It begins with the first number, however late it connects.
    const args = ['--wait', '--replay', '--count', String(last)];
    const child = command(['tail', urlOf(cutter), ...args], { env });
    await publish(1, last, 5);
    const { code, errors } = await child.ended;
    expect(code).toBe(0);
    expect(numbers(child.drain())).toEqual(upTo(last));
    expect(errors).not.toContain('gap');
    expect(cutter.cuts).toBeGreaterThan(3);
  },
  LONG,
);

test(
  'it connects again to a listener that was restarted, and reports the gap',
  async () => {
    // Both are behind the same port: a port of their own might be somebody else's in between.
    const through = await tcpProxy();
    const args = [TOKEN, `127.0.0.1:${through.port}`];
    const first = children.start('channel/publishing', { args });
    through.to = (await first.next()).port;
    const child = await following(`ws://127.0.0.1:${through.port}`);
    first.tell('100');
    expect(numbers(await child.take(100))).toEqual(upTo(100));
    first.process.kill('SIGKILL');
    await first.ended;
    await child.complaints.pass(is('trying again'));
    const second = children.start('channel/publishing', { args });
    through.to = (await second.next()).port;
    // Connected again or not: what the new one holds comes first.
    second.tell('50');
    await child.complaints.pass(is('gap: the listener was restarted'));
    expect(numbers(await child.take(50))).toEqual(upTo(50));
    second.tell('50');
    expect(numbers(await child.take(50))).toEqual(upTo(100, 51));
    second.process.kill('SIGKILL');
    await second.ended;
  },
  LONG,
);

test(
  'events that the journal could not hold are reported with their numbers',
  async () => {
    const listener = children.start('channel/publishing', { args: [TOKEN] });
    const { port } = await listener.next();
    const child = await following(`ws://127.0.0.1:${port}`);
    listener.tell('1');
    const [line] = await child.take(1);
    const { seq } = JSON.parse(line);
    child.process.kill('SIGSTOP');
    // More than journal, kernel and client hold together.
    listener.tell('40000 1000');
    await listener.next();
    await listener.next();
    child.process.kill('SIGCONT');
    const gap = await child.complaints.until(is('gap:'));
    const [, from, to] = /(\d+) to (\d+), are lost/.exec(gap.at(-1)).map(Number);
    const rest = [];
    while (Number(rest.at(-1)?.payload) !== 40_001) rest.push(JSON.parse(await child.next()));
    const seen = [seq, ...rest.map((event) => event.seq)];
    // Exactly the numbers of the gaps are missing.
    const gaps = [...gap, ...child.complaints.drain()]
      .map((said) => /(\d+) to (\d+), are lost/.exec(said))
      .filter(Boolean);
    const lost = gaps.reduce((sum, [, a, b]) => sum + Number(b) - Number(a) + 1, 0);
    expect(seen.length + lost).toBe(40_001);
    expect(new Set(seen).size).toBe(seen.length);
    expect(from).toBeLessThanOrEqual(to);
    listener.process.kill('SIGKILL');
    await listener.ended;
  },
  LONG,
);

test.each([
  [
    'a wrong token',
    { LOOPWIRE_TOKEN: 'another-token-than-that' },
    '',
    '401 the token is missing or wrong',
  ],
  ['a path that is none', env, '/elsewhere', '404'],
])('%s ends it with what the server says', async (_, env, place, sentence) => {
  const listener = start({}, TOKEN);
  const { code, lines, errors } = await finished(['tail', urlOf(listener) + place, '--wait'], {
    env,
  });
  expect(errors).toContain(sentence);
  expect({ code, lines }).toEqual({ code: 1, lines: [] });
});

test('a name that the listener does not go by ends it with what would help', async () => {
  const through = await tcpProxy();
  const listener = start({}, TOKEN);
  through.to = listener.port;
  const { code, errors } = await finished(['tail', urlOf(through)], { env });
  expect(errors).toMatch(/403 .*allowedHosts/);
  expect(code).toBe(1);
});

test('a rotated token is an error, a disconnection is not, and a closing listener is waited for', async () => {
  const listener = start({}, TOKEN);
  const rotated = await following(urlOf(listener));
  listener.rotateToken('the-next-token-of-it');
  expect(await rotated.ended).toMatchObject({
    code: 1,
    errors: expect.stringContaining('the token was rotated'),
  });
  const next = { LOOPWIRE_TOKEN: 'the-next-token-of-it' };
  const disconnected = await following(urlOf(listener), [], { env: next });
  listener.disconnect(listener.connections()[0].id);
  expect(await disconnected.ended).toMatchObject({
    code: 0,
    errors: expect.stringContaining('disconnected by the listener'),
  });
  const waiting = await following(urlOf(listener), [], { env: next });
  await listener.close();
  await waiting.complaints.pass(is('the listener is closing; trying again'));
});

test('a listener that is not there ends it, unless it is waited for', async () => {
  const through = await tcpProxy();
  // A port that no program of the tests has.
  const port = 1;
  const once = await finished(['tail', `ws://127.0.0.1:${port}`], { env });
  expect(once).toMatchObject({
    code: 1,
    errors: expect.stringContaining('nothing listens on this port'),
  });
  // Another port, where nobody answers until it is told whom to ask.
  through.to = port;
  const child = command(['tail', urlOf(through), '--wait'], { env });
  await child.complaints.pass(is('trying again'));
  const listener = start({ allowedHosts: [`127.0.0.1:${through.port}`] }, TOKEN);
  through.to = listener.port;
  await child.complaints.pass(is('connected to'));
  loopwire.emit('my:event', 'x');
  expect(await child.next()).toContain('"my:event"');
});

const posix = when(process.platform !== 'win32', 'signals of Unix');

posix.test('SIGINT, SIGTERM and SIGHUP end it cleanly', async () => {
  const listener = start({}, TOKEN);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const child = await following(urlOf(listener));
    loopwire.emit('my:event', 'x');
    await child.next();
    child.process.kill(signal);
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
  }
});

posix.test(
  'SIGINT ends it while it waits for a listener, and while its output is not read',
  async () => {
    const through = await tcpProxy();
    const waiting = command(['tail', urlOf(through), '--wait'], { env });
    await waiting.complaints.pass(is('trying again'));
    waiting.process.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({ code: 0, signal: null });

    const listener = start({}, TOKEN);
    const stalled = await following(urlOf(listener));
    stalled.process.stdout.pause();
    await publish(1, 30_000, 1);
    stalled.process.kill('SIGINT');
    const ended = new Promise((resolve) => stalled.process.once('exit', resolve));
    expect(await ended).toBe(0);
    stalled.process.stdout.destroy();
  },
);

posix.test(
  'a reader that leaves ends it quietly',
  async () => {
    const listener = start({}, TOKEN);
    await publish(1, 1000, 0);
    const child = command(['tail', urlOf(listener), '--replay', '--quiet'], { env });
    await child.next();
    child.process.stdout.destroy();
    // Until the system says that nobody reads any more.
    for (let n = 0; child.process.exitCode === null && n < 4000; n += 1) await publish(1, 50, 5);
    expect(await child.ended).toMatchObject({ code: 0, signal: null, errors: '' });
  },
  LONG,
);

when(process.platform === 'linux', 'Linux').test(
  'a reader that is slow costs no memory and loses nothing that the journal holds',
  async () => {
    const listener = start({}, TOKEN);
    const text = 'x'.repeat(1000);
    const child = await following(urlOf(listener));
    const memory = () => {
      const status = fs.readFileSync(`/proc/${child.process.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
    };
    loopwire.emit('my:event', 'first');
    await child.next();
    const before = memory();
    child.process.stdout.pause();
    // 60 MB, while the listener's journal holds 8 of them.
    for (let n = 0; n < 60_000; n += 1) {
      loopwire.emit('my:event', text);
      if (n % 100 === 0) await sleep(1);
    }
    loopwire.emit('my:last', 'x');
    expect(memory() - before).toBeLessThan(30_000);
    child.process.stdout.resume();
    const lines = await child.until(is('"my:last"'));
    const gaps = child.complaints
      .drain()
      .map((said) => /(\d+) to (\d+), are lost/.exec(said))
      .filter(Boolean);
    const lost = gaps.reduce((sum, [, a, b]) => sum + Number(b) - Number(a) + 1, 0);
    expect(lines.length + lost).toBe(60_001);
  },
  LONG,
);

when(process.platform === 'linux', 'Linux').test(
  'no token is in the list of processes',
  async () => {
    const listener = start({}, TOKEN);
    const hidden = await following(urlOf(listener));
    expect(cmdline(hidden)).toContain('tail');
    expect(cmdline(hidden)).not.toContain(TOKEN);
    const named = await following(urlOf(listener), ['--token-file', file('token', `${TOKEN}\n`)], {
      env: {},
    });
    expect(cmdline(named)).not.toContain(TOKEN);
    // A token in the URL works, is warned of once, and is hidden as soon as it can be.
    const typed = command(['tail', `${urlOf(listener)}/ws/${TOKEN}`], { env: {} });
    expect(await typed.complaints.next()).toContain('warning: a token in the URL');
    await typed.complaints.pass(is('connected to'));
    expect(cmdline(typed)).not.toContain(TOKEN);
    typed.process.kill('SIGINT');
    expect((await typed.ended).errors).not.toContain(TOKEN);
  },
);
