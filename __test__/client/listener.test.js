/**
 * The client and real listeners: every way to be closed and to come back.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { once } = require('node:events');
const WebSocket = require('ws');
const { loopwire } = require('../support/harness.cjs');
const { listeners, request, tokenOf } = require('../support/channel/client.cjs');
const { at, clientsOf, ended } = require('../support/client/clients.cjs');
const { Cutter } = require('../support/client/cutter.cjs');

const { EventClient } = requireModule('index.js');
const { emit } = loopwire;
const start = listeners(loopwire);
const { make, servers } = clientsOf(EventClient);

/** A listener, and a proxy before it that cuts connections. */
async function cuttable() {
  const cutter = await Cutter.before(0);
  servers.add(cutter);
  // The Host header names the port of the proxy.
  const listener = start({ allowedHosts: [`127.0.0.1:${cutter.port}`] });
  cutter.redirect(listener.port);
  return { listener, cutter };
}

const opened = async (options) => {
  const listener = start(options);
  const made = make(at(listener));
  await made.client.connect();
  await made.state('open');
  return { listener, ...made };
};

describe('a connection that is closed', () => {
  test('4001: the application disconnects it', async () => {
    const made = await opened();
    await request(made.listener, 'POST', '/ws/disconnect', {
      token: tokenOf(made.listener),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: tokenOf(made.listener) }),
    });
    await ended(made, { code: 'DISCONNECTED', closeCode: 4001 });
  });

  test('4003: the token is rotated', async () => {
    const made = await opened();
    made.listener.rotateToken(loopwire.generateToken());
    await ended(made, { code: 'TOKEN_ROTATED', closeCode: 4003 });
  });

  test('1009: a message is too big', async () => {
    const made = await opened({ maxMessageBytes: 1024 });
    made.client.send('x'.repeat(2000), { mode: 'drop' });
    await ended(made, { code: 'MESSAGE_TOO_BIG', closeCode: 1009 });
  });

  test.each([
    [1002, 'PROTOCOL_ERROR', 'closed'],
    [1007, 'INVALID_UTF8', 'closed'],
    [1008, 'TOO_MANY_FRAMES', 'closed'],
    [1000, 'CONNECTION_CLOSED', 'waiting'],
    [1001, 'LISTENER_CLOSED', 'waiting'],
    [1011, 'INTERNAL', 'waiting'],
    [4008, 'HEARTBEAT_MISSED', 'waiting'],
    [4013, 'OVERTAKEN', 'waiting'],
    [4999, 'CONNECTION_CLOSED', 'waiting'],
  ])('%i is %s, and then it is %s', async (closeCode, code, name) => {
    // A listener sends most of these only to clients with faults that this client has not.
    const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' });
    servers.add({ close: () => new Promise((done) => server.close(done)) });
    await once(server, 'listening');
    server.on('connection', (socket) => {
      socket.send('{"type":"hello","data":{"epoch":"e","seq":0,"heartbeatMs":30000}}');
      socket.close(closeCode);
    });
    const { client, state } = make({ url: `ws://127.0.0.1:${server.address().port}`, token: 't' });
    void client.connect();
    expect(await state(name)).toMatchObject({ name, reason: { code, closeCode } });
    await client.close();
    for (const one of server.clients) one.terminate();
  });

  test('1006: the connection is cut', async () => {
    const { listener, cutter } = await cuttable();
    const { client, state } = make(at(listener, cutter.port));
    await client.connect();
    cutter.cut();
    expect((await state('waiting')).reason).toMatchObject({
      code: 'CONNECTION_LOST',
      closeCode: 1006,
    });
    await state('open');
  });

  test('a peer that is gone without a word is found by the heartbeat', async () => {
    const { listener, cutter } = await cuttable();
    const heartbeat = { heartbeatMs: 50, answerTimeoutMs: 100 };
    const { client, events, state } = make({ ...at(listener, cutter.port), ...heartbeat });
    await client.connect();
    cutter.stall();
    expect((await state('waiting')).reason.code).toBe('HEARTBEAT_TIMEOUT');
    emit('while:away');
    cutter.cut();
    cutter.flow();
    await state('open');
    expect((await events.next()).type).toBe('while:away');
  });
});

/** Everything between the first and the last number was seen once and in order, or is in a gap. */
function account(messages) {
  const seen = [];
  const gaps = [];
  for (const { type, payload, data } of messages) {
    if (type === 'gap') gaps.push(data);
    else seen.push(Number(payload));
  }
  return { seen, gaps };
}

describe('resume', () => {
  test.each(['sdk', 'protocol'])('50 cuts in a row lose nothing (%s)', async (form) => {
    const { listener, cutter } = await cuttable();
    const options =
      form === 'sdk'
        ? { url: `ws://127.0.0.1:${cutter.port}/ws/${tokenOf(listener)}` }
        : at(listener, cutter.port);
    const { client, events, state } = make(options);
    await client.connect();
    let published = 0;
    const publish = () => emit('app:n', String((published += 1)));
    const seen = [];
    for (let cut = 0; cut < 50; cut += 1) {
      await state('open');
      // A third of the connections see no event at all, and some are cut within a message.
      for (let n = 0; n < cut % 3; n += 1) publish();
      if (cut % 4 === 1) cutter.cutAfter(7);
      if (cut % 4 === 1) publish();
      else cutter.cut();
      await state('waiting');
      publish();
    }
    await state('open');
    emit('app:n', 'last');
    seen.push(...(await events.until(({ payload }) => payload === 'last')).slice(0, -1));
    const expected = Array.from({ length: published }, (_, n) => n + 1);
    expect(account(seen)).toEqual({ seen: expected, gaps: [] });
  });

  const PUBLISHED = 400;

  test('what was overwritten meanwhile is in the gap, to the number', async () => {
    const { listener, cutter } = await cuttable();
    const { client, events, state } = make(at(listener, cutter.port));
    await client.connect();
    emit('app:n', '1');
    await events.next();
    const { seq: before } = client.position;
    cutter.refusing = true;
    cutter.cut();
    await state('waiting');
    // More than the journal holds, no faster than the callback takes it.
    listener.events.drain();
    for (let n = 0; n < PUBLISHED; n += 1) {
      emit('app:n', 'x'.repeat(100_000));
      await listener.events.next();
    }
    cutter.refusing = false;
    emit('app:last');
    const got = await events.until(({ type }) => type === 'app:last');
    const gaps = got.filter(({ type }) => type === 'gap');
    const numbers = got.filter(({ type }) => type === 'app:n').map(({ seq }) => seq);
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps[0].data).toMatchObject({ from: before + 1, reason: 'overflow' });
    const missing = gaps.flatMap(({ data: { from, to } }) =>
      Array.from({ length: to - from + 1 }, (_, n) => from + n),
    );
    const all = [...missing, ...numbers].toSorted((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: PUBLISHED }, (_, n) => before + 1 + n));
  });

  test('a process that was started again is told as another epoch', async () => {
    const listener = start();
    const { port } = listener;
    const options = at(listener);
    const { client, events, state } = make(options);
    await client.connect();
    emit('app:n', '1');
    await events.next();
    const previous = client.position;
    await loopwire.shutdown();
    expect((await state('waiting')).reason).toMatchObject({ code: 'LISTENER_CLOSED' });
    loopwire.startEventListener(port, options.token, () => {});
    await state('open');
    const gap = await events.next();
    expect(gap).toMatchObject({
      type: 'gap',
      data: { from: 1, to: 0, reason: 'restart', previous },
    });
    emit('app:n', '2');
    expect(await events.next()).toMatchObject({ payload: '2', seq: 1 });
    expect(client.position.epoch).not.toBe(previous.epoch);
  });

  test('what went to another connection while this one stood by is a gap', async () => {
    const listener = start();
    const url = `ws://127.0.0.1:${listener.port}/ws/${tokenOf(listener)}`;
    const old = make({ url });
    await old.client.connect();
    emit('app:n', '1');
    await old.events.next();
    const standby = new Promise((resolve) => old.client.once('standby', resolve));
    const newer = make({ url });
    await newer.client.connect();
    await standby;
    emit('app:n', '2');
    await newer.events.next();
    await newer.client.close();
    emit('app:n', '3');
    const [gap, event] = await old.events.take(2);
    expect(gap).toMatchObject({ type: 'gap', data: { from: 2, to: 2, reason: 'standby' } });
    expect(event).toMatchObject({ payload: '3', seq: 3 });
  });

  test('a position may be stored, and a later client continues there', async () => {
    const listener = start();
    const first = make(at(listener));
    await first.client.connect();
    emit('app:n', '1');
    await first.events.next();
    const stored = JSON.stringify(first.client.position);
    await first.client.close();
    emit('app:n', '2');
    const second = make({ ...at(listener), since: JSON.parse(stored) });
    await second.client.connect();
    expect((await second.events.next()).payload).toBe('2');
    const all = make({ ...at(listener), since: 0 });
    await all.client.connect();
    expect((await all.events.take(2)).map(({ payload }) => payload)).toEqual(['1', '2']);
  });

  test('a slow loop loses nothing', async () => {
    const listener = start();
    const { client } = make({ ...at(listener), maxBuffered: 16 });
    const loop = client[Symbol.asyncIterator]();
    await client.connect();
    for (let n = 1; n <= 500; n += 1) emit('app:n', String(n));
    const seen = [];
    while (seen.length < 500) {
      const { value } = await loop.next();
      seen.push(value.payload ?? value);
      if (seen.length % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => String(n + 1)));
  });
});
