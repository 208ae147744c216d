// Connection management over HTTP, the heartbeat, and the ways a connection is closed from our side
// (PROTOCOL sections 3 and 6).
'use strict';

const loopwire = require('../..');
const { connect, listeners, request, tokenOf } = require('../support/channel/client.cjs');
const { Inbox } = require('../support/inbox.cjs');
const { version } = require('../../package.json');
const { connectRaw, OPCODES } = require('../support/channel/raw.cjs');

const start = listeners(loopwire);
const { emit } = loopwire;
const STAMP = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

/** A row of `/ws/connections`, as a pattern. */
const row = (id, rest) => `{"id":"${id}","connected":"${STAMP}","lastPing":"${STAMP}",${rest}}`;

/** A row with its times as in `connections()`. */
const inMilliseconds = ({ connected, lastPing, ...rest }) => ({
  ...rest,
  connected: Date.parse(connected),
  lastPing: Date.parse(lastPing),
});

/** A request that shows the listener's token. */
const ask = (listener, method, path, options) =>
  request(listener, method, path, { token: tokenOf(listener), ...options });

test('GET /ws/connection tells whether a client is connected', async () => {
  const listener = start();
  const none = await ask(listener, 'GET', '/ws/connection');
  expect(none.text).toBe('{"success":true,"wsConnected":false}');
  expect(none.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  await connect(listener);
  const one = await ask(listener, 'GET', '/ws/connection');
  expect(one.text).toBe('{"success":true,"wsConnected":true}');
});

test('GET /ws/connections lists them, the three keys of the page first', async () => {
  const listener = start();
  expect((await ask(listener, 'GET', '/ws/connections')).text).toBe(
    '{"success":true,"connections":[]}',
  );
  await connect(listener);
  await connect(listener, { form: 'protocol', flags: 'silent=true' });
  const { text } = await ask(listener, 'GET', '/ws/connections');
  const behind = '"behind":{"events":0,"bytes":0}';
  const first = `"active":true,"silent":false,"v1":false,"form":"sdk","slot":"active",${behind}`;
  const second = `"active":true,"silent":true,"v1":true,"form":"sandbox","slot":null,${behind}`;
  expect(text).toMatch(
    new RegExp(
      `^{"success":true,"connections":\\[${row('conn-1', first)},${row('conn-2', second)}\\]}$`,
    ),
  );
});

test('POST /ws/connect answers the mode it sets: silent by X-Notify-Type, loud without it', async () => {
  const listener = start();
  const silent = await ask(listener, 'POST', '/ws/connect', {
    headers: { 'x-notify-type': 'silent' },
  });
  expect(silent.text).toBe('{"success":true,"wsConnected":false,"silent":true}');
  await connect(listener);
  const loud = await ask(listener, 'POST', '/ws/connect');
  expect(loud.text).toBe('{"success":true,"wsConnected":true,"silent":false}');
  const odd = await ask(listener, 'POST', '/ws/connect', { headers: { 'x-notify-type': 'loud' } });
  expect(odd.status).toBe(400);
});

test("POST /ws/disconnect closes that token's connections with 4001", async () => {
  const listener = start();
  const clients = [await connect(listener), await connect(listener, { form: 'root' })];
  const json = { 'content-type': 'application/json' };
  const post = (body) => ask(listener, 'POST', '/ws/disconnect', { headers: json, body });
  const other = await post('{"token":"somebody-elses"}');
  expect(other.text).toBe('{"success":true,"disconnected":0}');
  const { text } = await post(JSON.stringify({ token: tokenOf(listener) }));
  expect(text).toBe('{"success":true,"disconnected":2}');
  for (const client of clients) {
    expect(await client.closed).toEqual({ code: 4001, reason: 'disconnected on request' });
  }
  for (const body of ['', '{}', '[]', '{"token":7}', '{"token":"a"', 'x'.repeat(16_384)]) {
    expect((await post(body)).status).toBe(400);
  }
  expect((await post('x'.repeat(16_385))).status).toBe(413);
});

test('POST /ws/disconnect with an id closes that connection alone', async () => {
  const listener = start();
  const [one, other] = [await connect(listener, { form: 'root' }), await connect(listener)];
  const headers = { 'content-type': 'application/json' };
  const post = (body) => ask(listener, 'POST', '/ws/disconnect', { headers, body });
  const [{ id }] = listener.connections();
  expect((await post(JSON.stringify({ id }))).text).toBe('{"success":true,"disconnected":1}');
  expect(listener.connections().map((row) => row.id)).not.toContain(id);
  expect(await one.closed).toEqual({ code: 4001, reason: 'disconnected on request' });
  expect((await post(JSON.stringify({ id }))).text).toBe('{"success":true,"disconnected":0}');
  expect(await other.settle()).toEqual([]);
});

test('connections() and disconnect() say and do what the routes do', async () => {
  const listener = start();
  await connect(listener);
  await connect(listener);
  const flags = 'silent=true';
  const silent = await connect(listener, { form: 'protocol', flags });
  const { text } = await ask(listener, 'GET', '/ws/connections');
  const { connections } = JSON.parse(text);
  expect(connections.map(({ slot }) => slot)).toEqual(['standby', 'active', null]);
  const upToDate = { events: 0, bytes: 0 };
  expect(connections.map(({ behind }) => behind)).toEqual([null, upToDate, upToDate]);
  expect(listener.connections()).toEqual(connections.map(inMilliseconds));
  expect(listener.disconnect('conn-3')).toBe(true);
  expect(listener.connections()).toHaveLength(2);
  expect(await silent.closed).toEqual({ code: 4001, reason: 'disconnected on request' });
  expect(listener.disconnect('conn-3')).toBe(false);
  for (const id of ['conn-02', 'conn-+2', '2', '', '__proto__']) {
    expect(listener.disconnect(id)).toBe(false);
  }
});

test('a connection that is closing is not listed, even if its client does not answer', async () => {
  const listener = start();
  await connectRaw(listener, { paused: true });
  expect(listener.connections()).toHaveLength(1);
  expect(listener.disconnect('conn-1')).toBe(true);
  expect(listener.connections()).toEqual([]);
  const { text } = await ask(listener, 'GET', '/ws/connections');
  expect(text).toBe('{"success":true,"connections":[]}');
  expect(listener.disconnect('conn-1')).toBe(false);
});

test('what waits for a connection is behind, in events and bytes', async () => {
  const listener = start();
  await connectRaw(listener, { paused: true });
  const payload = 'x'.repeat(1024);
  const [before] = listener.connections();
  expect(before.behind).toEqual({ events: 0, bytes: 0 });
  // The system takes some MiB, and then no more.
  let behind;
  do {
    for (let count = 0; count < 500; count += 1) emit('my:event', payload);
    await new Promise(setImmediate);
    [{ behind }] = listener.connections();
  } while (behind.events === 0);
  const { journalBytes, journalEvents } = listener.stats();
  expect(behind.events).toBeLessThanOrEqual(journalEvents);
  expect(behind.bytes).toBeLessThanOrEqual(journalBytes);
  expect(behind.bytes / behind.events).toBeCloseTo(journalBytes / journalEvents, 5);
});

test('GET /health needs no token, and is the only route that does not', async () => {
  const listener = start();
  const health = await request(listener, 'GET', '/health');
  expect([health.status, health.text]).toEqual([200, '{"success":true}']);
  const routes = [
    ['GET', '/ws/connection'],
    ['GET', '/ws/connections'],
    ['POST', '/ws/connect'],
    ['POST', '/ws/disconnect'],
    ['GET', '/metrics'],
    ['GET', '/nowhere'],
    ['GET', '/'],
    ['GET', '/ws'],
  ];
  const answers = new Set();
  for (const [method, path] of routes) {
    for (const token of [undefined, 'wrong-token', `${tokenOf(listener)}x`]) {
      const { status, text, headers } = await request(listener, method, path, { token });
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
      answers.add(text);
    }
  }
  expect([...answers]).toEqual([
    '{"success":false,"error":"the token is missing or wrong","code":"UNAUTHORIZED"}',
  ]);
  // A link or a form could hold a token in the query; on these routes only the header counts.
  const link = await request(listener, 'GET', `/ws/connections?token=${tokenOf(listener)}`);
  expect(link.status).toBe(401);
});

test('GET /metrics is OpenMetrics and counts what happened', async () => {
  const listener = start();
  await connect(listener);
  await request(listener, 'GET', '/metrics');
  ['one', 'two', 'three'].forEach((text) => emit('log', text));
  const { text, headers } = await ask(listener, 'GET', '/metrics');
  expect(headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  const types = new Map();
  const values = new Map();
  for (const line of text.trimEnd().split('\n').slice(0, -1)) {
    const [, kind, name, rest] = /^# (HELP|TYPE|UNIT) (\w+) (.+)$/.exec(line) ?? [];
    if (kind === 'TYPE') types.set(name, rest);
    if (kind) continue;
    const [, sample, value] = /^(\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})?) (\d+(?:\.\d+)?)$/.exec(
      line,
    );
    const family = sample.replace(/\{.*/, '').replace(/_total$/, '');
    // In OpenMetrics a counter's sample ends in _total, and nothing else's does.
    expect(sample.includes('_total')).toBe(types.get(family) === 'counter');
    values.set(sample, Number(value));
  }
  expect(values.get('loopwire_connections')).toBe(1);
  expect(values.get('loopwire_connections_opened_total')).toBe(1);
  expect(values.get('loopwire_journal_published_total')).toBe(3);
  expect(values.get('loopwire_refused_total{reason="token"}')).toBe(1);
  expect(values.get(`loopwire_build_info{version="${version}"}`)).toBe(1);
  const { journalBytes, journalEvents } = listener.stats();
  expect(values.get('loopwire_journal_bytes')).toBe(journalBytes);
  expect(values.get('loopwire_journal_events')).toBe(journalEvents);
  expect(values.get('loopwire_journal_max_bytes')).toBe(8 << 20);
  expect(values.get('loopwire_journal_max_events')).toBe(65_536);
  expect(text).not.toContain(tokenOf(listener));
});

test('404, 405 with Allow, 426 with the version, each as JSON', async () => {
  const listener = start();
  for (const [method, path, status, code, header] of [
    ['GET', '/nowhere', 404, 'NOT_FOUND', {}],
    ['POST', '/ws/connection', 405, 'METHOD_NOT_ALLOWED', { allow: 'GET, HEAD' }],
    ['DELETE', '/ws/connections', 405, 'METHOD_NOT_ALLOWED', { allow: 'GET, HEAD' }],
    ['GET', '/ws/connect', 405, 'METHOD_NOT_ALLOWED', { allow: 'POST' }],
    ['GET', '/ws/disconnect', 405, 'METHOD_NOT_ALLOWED', { allow: 'POST' }],
    ['PUT', '/ws', 405, 'METHOD_NOT_ALLOWED', { allow: 'GET' }],
    ['GET', '/ws', 426, 'UPGRADE_REQUIRED', { 'sec-websocket-version': '13' }],
    ['GET', `/ws/${tokenOf(listener)}`, 426, 'UPGRADE_REQUIRED', { upgrade: 'websocket' }],
  ]) {
    const answer = await ask(listener, method, path);
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', ...header });
    expect(JSON.parse(answer.text)).toEqual({ success: false, error: expect.any(String), code });
  }
});

test('two credentials that differ are 400', async () => {
  const listener = start();
  const headers = { authorization: 'Bearer another' };
  await expect(connect(listener, { headers })).rejects.toThrow('400');
});

test('rotateToken closes with 4003 and refuses the old token at once', async () => {
  const listener = start();
  const old = tokenOf(listener);
  const clients = [await connect(listener), await connect(listener, { form: 'bearer' })];
  const token = listener.rotateToken();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(listener.url.endsWith(`/ws/${token}`)).toBe(true);
  await expect(connect(listener, { token: old })).rejects.toThrow('401');
  expect((await request(listener, 'GET', '/metrics', { token: old })).status).toBe(401);
  for (const client of clients) {
    expect(await client.closed).toEqual({ code: 4003, reason: 'the token was rotated' });
  }
  const fresh = await connect(listener);
  emit('log', 'after');
  expect(await fresh.next()).toBe('{"type":"log","payload":"after"}');
});

test('a token that cannot be one leaves the old one in place', async () => {
  const listener = start();
  const client = await connect(listener);
  expect(() => listener.rotateToken('no/token')).toThrow(
    expect.objectContaining({ code: 'ERR_TOKEN_INVALID' }),
  );
  expect(await client.settle()).toEqual([]);
  expect(listener.rotateToken('given-by-hand-12345')).toBe('given-by-hand-12345');
  await client.closed;
});

test('disconnect(connectionId) closes that one, and the others stay', async () => {
  const listener = start({ delivery: 'all' });
  const [first, second] = [await connect(listener), await connect(listener)];
  expect(listener.disconnect('conn-1')).toBe(true);
  expect((await first.closed).code).toBe(4001);
  expect(await second.settle()).toEqual([]);
  expect([listener.disconnect('conn-1'), listener.disconnect('conn-9')]).toEqual([false, false]);
});

test('every connection gets protocol pings, a sandbox connection also those of the page', async () => {
  const listener = start({ heartbeatMs: 100 });
  const sdk = await connect(listener);
  const sandbox = await connect(listener, { form: 'root' });
  await sdk.pings.take(4);
  await sandbox.pings.take(4);
  expect(await sandbox.take(3)).toEqual(Array(3).fill('{"type":"ping"}'));
  // They answered by themselves, as every client does: nobody was closed.
  expect(listener.connections()).toHaveLength(2);
  const [{ connected, lastPing }] = listener.connections();
  expect(lastPing).toBeGreaterThan(connected);
  expect(await sdk.settle()).toEqual([]);
});

test('a peer that answers nothing for two intervals is closed with 4008', async () => {
  const ended = new Inbox();
  const onConnection = (_, change, info) => change === 'closed' && ended.push(info);
  const listener = start({ heartbeatMs: 100, onConnection });
  const raw = await connectRaw(listener);
  const frames = await raw.until(({ code }) => code !== undefined);
  expect(frames.map(({ opcode }) => opcode)).toEqual([OPCODES.ping, OPCODES.ping, OPCODES.close]);
  expect(frames[2]).toMatchObject({ code: 4008, reason: 'heartbeat missed' });
  raw.socket.destroy();
  expect(await ended.next()).toEqual({ code: 4008, reason: 'heartbeat missed' });
});

test('a client that reads nothing for the stall limit is dropped, with that reason', async () => {
  const ended = new Inbox();
  const onConnection = (_, change, info) => change === 'closed' && ended.push(info);
  const listener = start({ stallMs: 100, onConnection });
  await connectRaw(listener, { paused: true });
  while (listener.send('conn-1', Buffer.alloc(1024 * 1024)));
  expect(await ended.next()).toEqual({ code: 4013, reason: 'no progress; reconnect' });
  expect(listener.connections()).toEqual([]);
});

test("the page's pong alone keeps a sandbox connection", async () => {
  const listener = start({ heartbeatMs: 100 });
  const client = await connect(listener, { form: 'root', ws: { autoPong: false } });
  for (let n = 0; n < 6; n += 1) {
    expect(await client.next()).toBe('{"type":"ping"}');
    client.send({ type: 'pong' });
  }
  expect(listener.connections()).toHaveLength(1);
});

test("a client's ping is answered on any connection", async () => {
  const listener = start();
  for (const form of ['sdk', 'root', 'query', 'bearer']) {
    const client = await connect(listener, { form });
    client.send('{"type":"ping"}');
    expect(await client.next()).toMatch(new RegExp(`^{"type":"pong","timestamp":"${STAMP}"}$`));
  }
});
