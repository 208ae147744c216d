/**
 * The states of a client and the times of its retries, with a clock that the test moves.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock, fakeLifecycle, fakeWebSocket, settle } = require('../support/client/fakes.cjs');

const { EventClient } = requireModule('index.js');
const { backoffDelay } = requireModule('connection/backoff.js');

const REMOTE = 'wss://example.com/?token=secret-token';
const LOCAL = 'ws://127.0.0.1:1/?token=secret-token';

/** A client of nobody; `random` gives 1 unless told otherwise, so that a delay is as long as it may be. */
function make(options = {}) {
  const clock = new FakeClock();
  const lifecycle = fakeLifecycle();
  const { WebSocket, sockets } = fakeWebSocket();
  const client = new EventClient({
    url: LOCAL,
    clock,
    lifecycle,
    WebSocket,
    fetch: null,
    random: () => 1,
    ...options,
  });
  const states = [];
  client.on('statechange', (state) => states.push(state));
  const connected = client.connect();
  connected.catch(() => {});
  const tell = (type) => lifecycle.dispatchEvent(new Event(type));
  /** The last attempt fails, and the client has found its reason. */
  const fail = async () => {
    sockets.at(-1).end();
    await clock.advance(0);
  };
  return { client, clock, lifecycle, sockets, states, connected, tell, fail };
}

/** How long a waiting client waits. */
const delay = ({ client, clock }) => client.state.retryAt - clock.now();

test('the delay doubles up to the longest one, and the jitter is all of it', () => {
  const options = { baseDelayMs: 500, maxDelayMs: 20_000 };
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 5_000].map((n) => backoffDelay(n, options, () => 1));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]);
  expect(backoffDelay(3, options, () => 0)).toBe(0);
  expect(backoffDelay(3, options, () => 0.25)).toBe(1000);
});

test('the states follow each other, and each says what belongs to it', async () => {
  const { client, clock, sockets, states, connected } = make();
  expect(states).toEqual([{ name: 'connecting', attempt: 1 }]);
  sockets[0].accept({ connectionId: 'conn-7', epoch: 'e9' });
  await connected;
  sockets[0].end(1001);
  await clock.advance(500);
  sockets[1].accept();
  void client.close();
  expect(states).toEqual([
    { name: 'connecting', attempt: 1 },
    { name: 'open', attempt: 1, connectionId: 'conn-7', epoch: 'e9' },
    {
      name: 'waiting',
      attempt: 2,
      reason: { code: 'LISTENER_CLOSED', message: 'the listener is closing', closeCode: 1001 },
      retryAt: 1_000_500,
    },
    { name: 'connecting', attempt: 2 },
    { name: 'open', attempt: 2, connectionId: 'conn-1', epoch: 'e1' },
    { name: 'closed', reason: { code: 'CLOSED', message: 'the client was closed' } },
  ]);
});

test('attempts that fail wait longer each time', async () => {
  const made = make();
  const delays = [];
  for (let n = 0; n < 8; n += 1) {
    await made.fail();
    delays.push(delay(made));
    await made.clock.advance(delay(made));
  }
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  expect(made.sockets).toHaveLength(9);
});

test('only a connection that was open long enough begins the delays again', async () => {
  const made = make({ stableMs: 10_000 });
  for (const open of [0, 9_999]) {
    made.sockets.at(-1).accept();
    await made.clock.advance(open);
    await made.fail();
    await made.clock.advance(delay(made));
  }
  made.sockets.at(-1).accept();
  await made.clock.advance(9_999);
  await made.fail();
  expect(delay(made)).toBe(2000);
  expect(made.client.state.attempt).toBe(4);
  await made.clock.advance(2000);
  made.sockets.at(-1).accept();
  await made.clock.advance(10_000);
  await made.fail();
  expect(delay(made)).toBe(500);
  expect(made.client.state.attempt).toBe(1);
});

test('an attempt that gets no hello ends after connectTimeoutMs', async () => {
  const { client, clock, sockets } = make({ connectTimeoutMs: 5000 });
  sockets[0].tell('open');
  await clock.advance(4999);
  expect(client.state.name).toBe('connecting');
  await clock.advance(1);
  expect(client.state).toMatchObject({ name: 'waiting', reason: { code: 'CONNECT_TIMEOUT' } });
  expect(sockets[0].closedWith).not.toBeNull();
  // What the old socket says now is nobody's.
  sockets[0].say({ type: 'hello', data: {} });
  expect(client.state.name).toBe('waiting');
});

test('a server whose first message is not hello ends it', async () => {
  const { client, sockets, connected } = make();
  sockets[0].tell('open');
  sockets[0].say({ type: 'welcome' });
  await expect(connected).rejects.toMatchObject({ code: 'UNEXPECTED_SERVER' });
  expect(client.state.name).toBe('closed');
});

test('maxAttempts ends it with the last reason', async () => {
  const made = make({ maxAttempts: 2 });
  await made.fail();
  await made.clock.advance(delay(made));
  await made.fail();
  expect(made.client.state).toMatchObject({ name: 'closed', reason: { code: 'CONNECT_FAILED' } });
  await expect(made.connected).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
});

test('a connection that did not last counts as an attempt, one that did begins the count again', async () => {
  const made = make({ maxAttempts: 3, stableMs: 1000 });
  const connection = async (ms) => {
    made.sockets.at(-1).accept();
    await made.clock.advance(ms);
    await made.fail();
  };
  for (const ms of [999, 999, 1000, 0, 0]) {
    await connection(ms);
    expect(made.client.state.name).toBe('waiting');
    await made.clock.advance(delay(made));
  }
  await connection(0);
  expect(made.client.state).toMatchObject({ name: 'closed', reason: { code: 'CONNECTION_LOST' } });
});

test('what ends a client for good ends it at once, whatever maxAttempts says', async () => {
  const made = make({ maxAttempts: 5 });
  made.sockets[0].accept();
  made.sockets[0].end(4001);
  expect(made.client.state).toMatchObject({ name: 'closed', reason: { code: 'DISCONNECTED' } });
  expect(made.clock.size).toBe(0);
  made.client.notifyResume();
  made.tell('online');
  await made.clock.advance(60_000);
  expect(made.sockets).toHaveLength(1);
});

test('whoever wakes a client makes it wait no longer than it would have', async () => {
  const made = make({ random: () => 0.1 });
  await made.fail();
  expect(delay(made)).toBe(50);
  made.client.notifyResume();
  expect(delay(made)).toBe(50);
});

describe.each(['online', 'resume', 'notifyResume', 'visibilitychange'])('%s', (what) => {
  const wake = ({ client, tell }) => (what === 'notifyResume' ? client.notifyResume() : tell(what));

  test('begins the attempt that a client waits for', async () => {
    const made = make();
    await made.fail();
    await made.clock.advance(500);
    await made.fail();
    await made.clock.advance(600);
    expect(made.client.state.name).toBe('waiting');
    wake(made);
    await made.clock.advance(0);
    expect(made.client.state).toEqual({ name: 'connecting', attempt: 3 });
  });

  test('a hundred of them are not a hundred attempts', async () => {
    const made = make({ baseDelayMs: 500 });
    for (let n = 0; n < 100; n += 1) {
      await made.fail();
      wake(made);
      await made.clock.advance(10);
    }
    // A second in all, and 500 ms between two.
    expect(made.sockets.length).toBeLessThanOrEqual(3);
  });

  test('asks an open connection whether it lives', async () => {
    const made = make();
    made.sockets[0].accept();
    wake(made);
    expect(made.sockets[0].sent).toEqual(['{"type":"ping"}']);
    wake(made);
    expect(made.sockets[0].sent).toHaveLength(1);
    made.sockets[0].say({ type: 'pong' });
    await made.clock.advance(29_000);
    expect(made.client.state.name).toBe('open');
  });
});

test('a page that is hidden wakes nobody, one that is shown does', () => {
  const made = make();
  made.sockets[0].accept();
  made.lifecycle.visibilityState = 'hidden';
  made.tell('visibilitychange');
  made.tell('freeze');
  expect(made.sockets[0].sent).toEqual([]);
  made.lifecycle.visibilityState = 'visible';
  made.tell('visibilitychange');
  expect(made.sockets[0].sent).toEqual(['{"type":"ping"}']);
});

test('without a network it tries rarely, and at once when the network is back', async () => {
  const made = make({ url: REMOTE });
  made.tell('offline');
  await made.fail();
  expect(delay(made)).toBe(20_000);
  await made.clock.advance(1000);
  made.tell('online');
  await made.clock.advance(0);
  expect(made.sockets).toHaveLength(2);
  await made.fail();
  expect(delay(made)).toBe(1000);
});

test('a network that is gone does not matter to this machine', async () => {
  const made = make({ url: LOCAL });
  made.tell('offline');
  await made.fail();
  expect(delay(made)).toBe(500);
});

test('offline asks an open connection to another machine', () => {
  const made = make({ url: REMOTE });
  made.sockets[0].accept();
  made.tell('offline');
  expect(made.sockets[0].sent).toEqual(['{"type":"ping"}']);
});

describe('the end', () => {
  test('close() may be called again, in every state', async () => {
    const waiting = make();
    await waiting.fail();
    const connecting = make();
    const open = make({ closeTimeoutMs: 100 });
    open.sockets[0].accept();
    for (const { client, clock, sockets } of [waiting, connecting, open]) {
      const closing = client.close();
      expect(client.close()).toBe(closing);
      expect(client.state.name).toBe('closed');
      await clock.advance(2000);
      await closing;
      expect(clock.size).toBe(0);
      sockets.at(-1).end();
      sockets.at(-1).accept();
      expect(client.state.reason.code).toBe('CLOSED');
    }
    await expect(waiting.connected).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'CLOSED',
    });
    await expect(open.connected).resolves.toBeUndefined();
    await expect(connecting.client.connect()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('close() by a listener that is told of the opening is the last that is heard', () => {
    const { client, sockets } = make();
    const heard = [];
    client.on('statechange', ({ name }) => {
      heard.push(name);
      if (name === 'open') void client.close();
    });
    client.on('message', ({ type }) => heard.push(type));
    sockets[0].accept();
    expect(heard).toEqual(['open', 'closed']);
  });

  test('close() before connect() makes no socket', async () => {
    const { WebSocket, sockets } = fakeWebSocket();
    const client = new EventClient({ url: LOCAL, WebSocket });
    await client.close();
    await expect(client.connect()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(sockets).toHaveLength(0);
  });

  test('close() waits for the closing handshake, up to closeTimeoutMs', async () => {
    const { client, clock, sockets } = make({ closeTimeoutMs: 2000 });
    sockets[0].accept();
    let closed = false;
    void client.close().then(() => (closed = true));
    expect(sockets[0].closedWith).toBe(1000);
    await clock.advance(1999);
    expect(closed).toBe(false);
    await clock.advance(1);
    expect(closed).toBe(true);
  });

  test('close() while a failed handshake is being explained stays the end', async () => {
    const answers = [];
    const fetch = () => new Promise((resolve, reject) => answers.push(reject));
    const { client, clock, sockets } = make({ fetch });
    sockets[0].end();
    await settle();
    await client.close();
    for (const refuse of answers) refuse(new TypeError('no'));
    await clock.advance(60_000);
    expect(client.state.reason.code).toBe('CLOSED');
    expect(sockets).toHaveLength(1);
  });

  test('the signal ends it, and its reason is what connect() rejects with', async () => {
    const abort = new AbortController();
    const { client, connected, clock } = make({ signal: abort.signal });
    const why = new Error('enough');
    abort.abort(why);
    await expect(connected).rejects.toBe(why);
    expect(client.state.reason.code).toBe('ABORTED');
    await clock.advance(2000);
    expect(clock.size).toBe(0);
    const { WebSocket } = fakeWebSocket();
    const late = new EventClient({ url: LOCAL, WebSocket, signal: abort.signal });
    await expect(late.connect()).rejects.toBe(why);
  });

  test('await using closes it', async () => {
    const { client, clock } = make();
    const disposed = client[Symbol.asyncDispose]();
    await clock.advance(2000);
    await disposed;
    expect(client.state.reason.code).toBe('CLOSED');
  });
});
