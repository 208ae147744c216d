// The options of a listener, the formats of its callback, and the arguments of `emit`.
'use strict';

const { loopwire } = require('../support/harness.cjs');
const { connect, listeners, request } = require('../support/channel/client.cjs');

const start = listeners(loopwire);
const { configure, emit } = loopwire;
const noop = () => {};

function thrown(call) {
  try {
    call();
  } catch ({ name, code, message }) {
    return { name, code, message };
  }
  throw new Error('nothing was thrown');
}
const options = (given) =>
  thrown(() => loopwire.startEventListener(0, 'a-token-of-the-tests', noop, given));

describe('options', () => {
  const STRINGS = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  test.each(['host', 'delivery', 'format'])('%s is a string of some kind', (key) => {
    for (const value of [null, 7, {}, []]) expect(options({ [key]: value })).toMatchObject(STRINGS);
    const { name, code, message } = options({ [key]: 'nonsense' });
    expect({ name, code }).toEqual({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
    expect(message).toContain(`options.${key} must be`);
  });

  test.each(['insecure', 'allowFileOrigin', 'detail', 'inspector'])('%s is a boolean', (key) => {
    for (const value of [null, 0, 'true', {}]) {
      expect(options({ [key]: value })).toEqual({
        ...STRINGS,
        message: expect.stringContaining(`options.${key} must be a boolean`),
      });
    }
    start({ [key]: false });
  });

  test.each(['allowedHosts', 'allowedOrigins'])('%s is an array of strings', (key) => {
    for (const value of [null, 'a', {}, [7], ['a', null]]) {
      expect(options({ [key]: value })).toMatchObject(STRINGS);
    }
  });

  test.each(['onMessage', 'onConnection'])('%s is a function', (key) => {
    for (const value of [null, 7, {}, 'f'])
      expect(options({ [key]: value })).toMatchObject(STRINGS);
  });

  test.each([
    ['heartbeatMs', 100, 3_600_000],
    ['stallMs', 100, 3_600_000],
    ['maxMessageBytes', 1024, 64 * 1024 * 1024],
    ['maxConnections', 1, 65_535],
  ])('%s is a whole number from %i to %i', (key, low, high) => {
    for (const value of [null, '7', {}]) expect(options({ [key]: value })).toMatchObject(STRINGS);
    for (const value of [low - 1, high + 1, low + 0.5, NaN, Infinity]) {
      expect(options({ [key]: value })).toMatchObject({
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
      });
    }
    start({ [key]: low });
    start({ [key]: high });
    start({ [key]: undefined });
  });

  test.each([
    ['heartbeat', 'heartbeatMs'],
    ['onConection', 'onConnection'],
    ['allowedHost', 'allowedHosts'],
    ['formt', 'format'],
    ['Detail', 'detail'],
    ['inspect', 'inspector'],
  ])('an unknown one is refused with the nearest: %s, %s', (wrong, right) => {
    expect(options({ [wrong]: 1 })).toEqual({
      name: 'TypeError',
      code: 'ERR_UNKNOWN_OPTION',
      message: `options has no option ${wrong}; did you mean ${right}?`,
    });
    expect(thrown(() => configure({ journalByte: 1 })).message).toContain(
      'did you mean journalBytes?',
    );
  });

  test('an address that others can reach needs insecure: true', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      expect(options({ host }).code).toBe('ERR_INSECURE_HOST');
      expect(options({ host, insecure: false }).code).toBe('ERR_INSECURE_HOST');
    }
    expect(options({ host: '192.0.2.1', insecure: true })).toMatchObject({
      name: 'Error',
      code: 'EADDRNOTAVAIL',
    });
    const open = start({ host: '0.0.0.0', insecure: true });
    expect(open.address()).toEqual({ address: '0.0.0.0', family: 'IPv4', port: open.port });
    expect(start({ host: 'LocalHost' }).host).toBe('127.0.0.1');
  });

  test('allowedHosts and allowedOrigins admit what they name', async () => {
    const listener = start({ allowedHosts: ['my.test'], allowedOrigins: ['app://mine'] });
    const answer = (headers) => request(listener, 'GET', '/health', { headers });
    expect((await answer({ host: `my.test:${listener.port}` })).status).toBe(200);
    expect((await answer({ host: `other.test:${listener.port}` })).status).toBe(403);
    expect((await answer({ origin: 'app://mine' })).status).toBe(200);
    expect((await answer({ origin: 'app://other' })).status).toBe(403);
    expect(options({ allowedHosts: ['http://no host'] })).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringMatching(/^allowedHosts: "http:/),
    });
  });

  test('configure: the journal’s bounds can be set before its first use, and said again later', () => {
    configure({ journalBytes: 65_536, journalEvents: 2048 });
    configure({ journalEvents: 1024 });
    start();
    configure({ journalBytes: 65_536, journalEvents: 1024 });
    configure({});
    expect(thrown(() => configure({ journalEvents: 2048 }))).toMatchObject({
      name: 'Error',
      code: 'ERR_JOURNAL_IN_USE',
    });
  });
  afterEach(async () => {
    await loopwire.shutdown();
    configure({ journalBytes: 8 * 1024 * 1024, journalEvents: 65_536 });
  });
});

describe('format', () => {
  test.each([
    ['buffer', Buffer.from('{"type":"log","payload":"grüße"}')],
    ['string', '{"type":"log","payload":"grüße"}'],
    ['object', { type: 'log', payload: 'grüße' }],
  ])('%s', async (format, expected) => {
    const got = new Promise((resolve) => {
      loopwire.startEventListener(0, 'a-token-of-the-tests', resolve, { format });
    });
    emit('log', 'grüße');
    expect(await got).toEqual(expected);
  });
});

describe('emit', () => {
  const STAMP = /,"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}$/;

  test('a string is the payload, an object the data, neither leaves both out', async () => {
    const listener = start();
    const client = await connect(listener);
    emit('my:event', 'text');
    emit('my:event', '');
    emit('my:event');
    emit('my:event', { a: 1, b: [null, 'ü', { c: true }], gone: undefined });
    emit('my:event', { toJSON: () => ({ by: 'toJSON' }) });
    for (const sink of [client, listener.events]) {
      const texts = await sink.take(5);
      expect(texts.slice(0, 3)).toEqual([
        '{"type":"my:event","payload":"text"}',
        '{"type":"my:event","payload":""}',
        '{"type":"my:event"}',
      ]);
      expect(texts[3]).toMatch(STAMP);
      expect(texts[3].replace(STAMP, '')).toBe(
        '{"type":"my:event","data":{"a":1,"b":[null,"ü",{"c":true}]}',
      );
      expect(texts[4]).toContain('"data":{"by":"toJSON"}');
    }
  });

  test('any text in type and payload becomes JSON with the same value', async () => {
    const listener = start({ format: 'object' });
    const strings = [
      '"',
      '\\',
      '\u0000\u001f',
      '\u2028\u2029',
      '😀',
      'x'.repeat(70_000),
      '</script>',
    ];
    for (const text of strings) emit('my:event', text);
    emit('my:"\\\n', 'x');
    expect((await listener.events.take(7)).map(({ payload }) => payload)).toEqual(strings);
    expect(await listener.events.next()).toEqual({ type: 'my:"\\\n', payload: 'x' });
    emit('my:event', 'a\ud800b');
    expect(await listener.events.next()).toEqual({ type: 'my:event', payload: 'a\ufffdb' });
  });

  const CONTROL = 'hello gap resumed error fault ping pong active standby'.split(' ');
  test.each(CONTROL)("%s is the channel's own", (type) => {
    for (const payload of [undefined, 'x', {}]) {
      expect(thrown(() => emit(type, payload))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_EVENT_RESERVED',
      });
    }
  });

  test.each([
    ['restoreDone', ['x', {}]],
    ['settingPortChange', [undefined, {}]],
    ['proxyError', [undefined, {}]],
    ['log', [undefined, {}]],
    ['file:changed', [undefined, 'x']],
    ['git:progress', [undefined, 'x']],
    ['terminal:exit', [undefined, 'x']],
    ['snapshot:created', [undefined, 'x']],
  ])('%s must have its form', (type, payloads) => {
    for (const payload of payloads) {
      expect(thrown(() => emit(type, payload))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_EVENT_FORM',
      });
    }
  });

  test('false above the mark, as a stream’s write; ERR_JOURNAL_FULL at the limit; nothing is lost', async () => {
    const listener = start();
    const results = [];
    const full = thrown(() => {
      for (;;) results.push(emit('my:event', 'x'));
    });
    expect(full).toMatchObject({ name: 'Error', code: 'ERR_JOURNAL_FULL' });
    expect(results.length).toBeGreaterThanOrEqual(65_536);
    const first = results.indexOf(false);
    expect(first / results.length).toBeCloseTo(0.75, 1);
    expect(results.slice(first).every((result) => !result)).toBe(true);
    await listener.events.take(results.length);
    expect(emit('my:event', 'room again')).toBe(true);
    expect(JSON.parse(await listener.events.next()).payload).toBe('room again');
  });

  test('an event of 1 MiB is taken, a larger one is ERR_EVENT_TOO_LARGE', async () => {
    const listener = start();
    const frame = '{"type":"my:event","payload":""}'.length;
    emit('my:event', 'x'.repeat(1024 * 1024 - frame));
    expect(await listener.events.next()).toHaveLength(1024 * 1024);
    for (const payload of ['x'.repeat(1024 * 1024 - frame + 1), { x: 'x'.repeat(2 ** 20) }]) {
      expect(thrown(() => emit('my:event', payload))).toMatchObject({
        name: 'RangeError',
        code: 'ERR_EVENT_TOO_LARGE',
      });
    }
  });
});
