/**
 * The times of a sandbox's client, with a clock that the test moves and sockets that it answers.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock, fakeWebSocket, settle } = require('../../support/client/fakes.cjs');
const { code } = require('../../support/client/sandbox.cjs');

const { SandboxClient } = requireModule('index.js');

/** A client of nobody. A socket that it makes is open when the test accepts it. */
function make(options = {}) {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSocket();
  const sandbox = new SandboxClient({
    baseURL: 'http://127.0.0.1:1',
    token: 'token-of-the-test',
    clock,
    WebSocket,
    fetch: null,
    random: () => 0,
    ...options,
  });
  const accept = async () => {
    sockets.at(-1).accept({ memory: 'm', taken: 0 });
    await settle();
  };
  /** The connection breaks, and another attempt is made. */
  const lose = async () => {
    sockets.at(-1).end();
    await clock.advance(0);
    await clock.advance(0);
  };
  /** The commands that the last socket was given. */
  const commands = () =>
    sockets
      .at(-1)
      .sent.filter((one) => typeof one === 'string')
      .map((text) => JSON.parse(text))
      .map(({ type, data }) => (type === 'reliable' ? data.message : { type, data }));
  const last = (type) => commands().findLast((one) => one.type === type)?.data;
  const say = async (type, data) => {
    sockets.at(-1).say({ type, data });
    await settle();
  };
  return { sandbox, clock, sockets, accept, lose, commands, last, say };
}

/** How a Promise stands. */
const standing = async (promise) => {
  await settle();
  const waits = new Promise((resolve) => setImmediate(resolve, 'waits'));
  return Promise.race([code(promise), waits]);
};

const STREAMS = { stdout: 1, stderr: 2, stdin: 3 };

/** A command that runs. */
async function running(made, options) {
  const creating = made.sandbox.terminal.create({ command: 'cat', pty: false, ...options });
  await settle();
  await made.accept();
  const { id } = made.last('terminal:execute');
  await made.say('terminal:started', { id, pid: 7, streams: STREAMS });
  return creating;
}

/** Offset and length of the binary messages that the last socket was given. */
const input = ({ sockets }) =>
  sockets
    .at(-1)
    .sent.filter((one) => typeof one !== 'string')
    .map((frame) => [
      Number(new DataView(frame.buffer).getBigUint64(4)),
      new Uint8Array(frame.buffer, 12).length,
    ]);

const sum = (pieces) => pieces.reduce((all, [, length]) => all + length, 0);

describe('timeoutMs', () => {
  test('is how long a command waits for a connection, from each time that it has none', async () => {
    const made = make({ timeoutMs: 5_000 });
    const listed = made.sandbox.ports.list();
    await made.clock.advance(4_999);
    expect(await standing(listed)).toBe('waits');
    await made.accept();
    await made.clock.advance(20_000);
    expect(await standing(listed)).toBe('waits');
    await made.lose();
    await made.clock.advance(4_999);
    expect(await standing(listed)).toBe('waits');
    await made.clock.advance(1);
    expect(await standing(listed)).toBe('NOT_CONNECTED');
  });

  test('does not end terminals and watches', async () => {
    const made = make({ timeoutMs: 5_000 });
    const terminal = await running(made);
    const watch = made.sandbox.watch('.');
    await made.say('file:watching', { id: watch.id, directories: 1 });
    await made.lose();
    await made.clock.advance(60_000);
    expect(await standing(terminal.exit)).toBe('waits');
    await made.accept();
    expect(made.last('file:watch').id).toBe(watch.id);
    expect(made.last('terminal:attach').id).toBe(terminal.id);
  });

  test('is how long connect() tries, and nothing is left of it', async () => {
    const made = make();
    const connecting = made.sandbox.websocket.connect({ timeoutMs: 3_000 });
    await made.clock.advance(2_999);
    expect(await standing(connecting)).toBe('waits');
    await made.clock.advance(1);
    expect(await standing(connecting)).toBe('NOT_CONNECTED');
    await made.clock.advance(2_000);
    expect(made.clock.size).toBe(0);
  });
});

/** In an object: a Promise that is returned is waited for. */
async function cloning(made) {
  const clone = made.sandbox.git.clone({ url: 'u', targetDir: 't' });
  await settle();
  await made.accept();
  expect(made.last('git:clone').id).toBe(clone.id);
  return { clone };
}

describe('an operation', () => {
  test('of which nothing was heard has 10 s on the next connection', async () => {
    const made = make();
    const { clone } = await cloning(made);
    await made.lose();
    // However long there is none.
    await made.clock.advance(9_000);
    await made.accept();
    await made.clock.advance(9_999);
    expect(await standing(clone)).toBe('waits');
    await made.clock.advance(1);
    expect(await standing(clone)).toBe('OUTCOME_UNKNOWN');
    expect(made.commands().some(({ type }) => type === 'git:clone')).toBe(false);
  });

  test('of which something was heard goes on', async () => {
    for (const before of [true, false]) {
      const made = make();
      const { clone } = await cloning(made);
      const progress = () => made.say('git:progress', { id: clone.id, percent: 1 });
      if (before) await progress();
      await made.lose();
      await made.accept();
      if (!before) await progress();
      await made.clock.advance(25_000);
      expect(await standing(clone)).toBe('waits');
      await made.say('git:complete', { id: clone.id, commit: 'c' });
      expect(await clone).toEqual({ commit: 'c' });
    }
  });
});

describe('close() of a terminal', () => {
  test('asks first, and kills every 2 s until it has ended', async () => {
    const made = make();
    const terminal = await running(made);
    const closing = terminal.close();
    const signals = () =>
      made
        .commands()
        .filter(({ type }) => type === 'terminal:signal')
        .map(({ data }) => data.signal);
    expect(signals()).toEqual(['SIGTERM']);
    await made.clock.advance(1_999);
    expect(signals()).toEqual(['SIGTERM']);
    await made.clock.advance(1);
    expect(signals()).toEqual(['SIGTERM', 'SIGKILL']);
    await made.clock.advance(2_000);
    expect(signals()).toEqual(['SIGTERM', 'SIGKILL', 'SIGKILL']);
    await made.say('terminal:exit', { id: terminal.id, exitCode: null, signal: 'SIGKILL' });
    await closing;
    await made.clock.advance(20_000);
    expect(signals()).toHaveLength(3);
  });
});

describe('counted bytes', () => {
  test('no more than 512 KiB are under way, in pieces of 64 KiB', async () => {
    const made = make();
    const terminal = await running(made);
    const first = terminal.write(new Uint8Array(300_000));
    const second = terminal.write(new Uint8Array(1_000_000));
    await settle();
    expect(sum(input(made))).toBe(512 << 10);
    expect(Math.max(...input(made).map(([, length]) => length))).toBe(64 << 10);
    await made.say('terminal:ack', { id: terminal.id, offset: 299_999 });
    expect(sum(input(made))).toBe((512 << 10) + 299_999);
    expect(await standing(first)).toBe('waits');
    await made.say('terminal:ack', { id: terminal.id, offset: 300_000 });
    expect(await standing(first)).toBe('nothing');
    expect(await standing(second)).toBe('waits');
    let at = 0;
    for (const [offset, length] of input(made)) {
      expect(offset).toBe(at);
      at += length;
    }
  });

  test('behind a break they go on where the workspace has them, once it has said where that is', async () => {
    const made = make();
    const terminal = await running(made);
    const written = terminal.write(new Uint8Array(400_000));
    await settle();
    await made.lose();
    const more = terminal.write(new Uint8Array(1_000));
    await settle();
    await made.accept();
    const { id } = made.last('terminal:attach');
    // It may come before the other.
    await made.say('terminal:ack', { id, offset: 50_000 });
    expect(input(made)).toEqual([]);
    await made.say('terminal:replayed', { id, from: 0, to: 0, streams: STREAMS, input: 100_001 });
    expect([input(made)[0][0], sum(input(made))]).toEqual([100_001, 300_999]);
    await made.say('terminal:ack', { id, offset: 400_999 });
    expect(await standing(written)).toBe('nothing');
    expect(await standing(more)).toBe('waits');
    await made.say('terminal:ack', { id, offset: 401_000 });
    expect(await standing(more)).toBe('nothing');
  });

  test('text waits for them, they for text, and the end for all', async () => {
    const made = make();
    const terminal = await running(made);
    const sent = (type) => made.commands().filter((one) => one.type === type).length;
    terminal.write(new Uint8Array(10));
    terminal.write('text');
    terminal.write(new Uint8Array(20));
    terminal.eof();
    await settle();
    expect([sum(input(made)), sent('terminal:input'), sent('terminal:eof')]).toEqual([10, 0, 0]);
    await made.say('terminal:ack', { id: terminal.id, offset: 10 });
    expect([sum(input(made)), sent('terminal:input')]).toEqual([10, 1]);
    await made.say('ack', { n: 1 });
    expect([sum(input(made)), sent('terminal:eof')]).toEqual([30, 0]);
    await made.say('terminal:ack', { id: terminal.id, offset: 30 });
    expect(sent('terminal:eof')).toBe(1);
  });
});
