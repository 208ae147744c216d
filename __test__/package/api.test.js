// The functions: every argument is checked before anything starts, every error has its class and its code.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

const start = listeners(loopwire);
const { configure, emit, generateToken, startCommunicate, startEventListener } = loopwire;
const { createWithId, getConfigJSON, removePort, setAPIHost, updateIpFormatAndPorts } = loopwire;
const TOKEN = 'a-token-of-the-tests';
const noop = () => {};

/** What a call throws. Not `instanceof`: inside Jest the classes of an addon are another realm's. */
function thrown(call) {
  try {
    call();
  } catch (error) {
    const { name, code, message } = error;
    return { name, code, message, error };
  }
  throw new Error('nothing was thrown');
}

const type = (name) => ({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_TYPE',
  message: expect.stringContaining(`${name} must be `),
});
const range = (name) => ({
  name: 'RangeError',
  code: 'ERR_OUT_OF_RANGE',
  message: expect.stringContaining(`${name} must be `),
});
const badPort = { name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' };
const badToken = { name: 'RangeError', code: 'ERR_TOKEN_INVALID' };

const NO_STRINGS = [undefined, null, 7, true, {}, [], Symbol('s'), 7n, noop];
const NO_NUMBERS = [null, '7', true, {}, [], Symbol('s'), 7n, noop];

/** An expectation for each of some values. */
const each = (values, expected, call) => values.map((value) => [value, expected, call]);

describe.each([
  [
    'startEventListener',
    [
      ...each([undefined, ...NO_NUMBERS], type('port'), (v) => startEventListener(v, TOKEN, noop)),
      ...each([-1, 65_536, 1.5, NaN, Infinity, 2 ** 40], badPort, (v) =>
        startEventListener(v, TOKEN, noop),
      ),
      ...each(NO_STRINGS, type('token'), (v) => startEventListener(0, v, noop)),
      ...each([7, 'f', {}, []], type('callback'), (v) => startEventListener(0, TOKEN, v)),
      ...each([null, 7, 'o', true, noop], type('options'), (v) =>
        startEventListener(0, TOKEN, noop, v),
      ),
    ],
  ],
  [
    'startCommunicate',
    [
      ...each([undefined, ...NO_NUMBERS], type('comType'), (v) => startCommunicate(v, 0, TOKEN)),
      ...each([undefined, ...NO_NUMBERS], type('port'), (v) => startCommunicate(1, v, TOKEN)),
      ...each([-1, 65_536, 0.5, NaN], badPort, (v) => startCommunicate(1, v, TOKEN)),
      ...each(NO_STRINGS, type('token'), (v) => startCommunicate(1, 0, v)),
    ],
  ],
  [
    'generateToken',
    [
      ...each(NO_NUMBERS, type('bytes'), (v) => generateToken(v)),
      ...each([11, 193, 32.5, -1, NaN, Infinity], range('bytes'), (v) => generateToken(v)),
    ],
  ],
  [
    'configure',
    [
      ...each([null, 7, 'o', noop], type('settings'), (v) => configure(v)),
      ...each(NO_NUMBERS, type('settings.journalBytes'), (v) => configure({ journalBytes: v })),
      ...each([65_535, 2 ** 30 + 1, 1e6 + 0.5, NaN], range('settings.journalBytes'), (v) =>
        configure({ journalBytes: v }),
      ),
      ...each(NO_NUMBERS, type('settings.journalEvents'), (v) => configure({ journalEvents: v })),
      ...each([1023, 2 ** 24 + 1, -5], range('settings.journalEvents'), (v) =>
        configure({ journalEvents: v }),
      ),
    ],
  ],
  [
    'configure of the forward engine',
    ['connectTimeoutMs', 'handshakeTimeoutMs', 'idleTimeoutMs', 'idleCheckMs'].flatMap((key) => [
      ...each(NO_NUMBERS, type(`settings.${key}`), (v) => configure({ [key]: v })),
      ...each([-1, 0.5, NaN, 86_400_001], range(`settings.${key}`), (v) => configure({ [key]: v })),
    ]),
  ],
  [
    'the forward functions',
    [
      ...each([undefined, ...NO_NUMBERS], type('port'), (v) => createWithId(v, 'id')),
      ...each([undefined, ...NO_NUMBERS], type('port'), (v) => removePort(v)),
      ...each([undefined, ...NO_NUMBERS], type('port'), (v) => getConfigJSON(v)),
      ...each([-1, 65_536, 1.5, NaN], { name: 'RangeError' }, (v) => createWithId(v, 'id')),
      ...each([-1, 65_536, 1.5, NaN], { name: 'RangeError' }, (v) => removePort(v)),
      ...each([-1, 65_536, 1.5, NaN], { name: 'RangeError' }, (v) => getConfigJSON(v)),
      ...each(NO_STRINGS, type('proxyId'), (v) => createWithId(60_000, v)),
      ...each(NO_STRINGS, type('url'), (v) => setAPIHost(v)),
      ...each(NO_STRINGS, type('ipFormat'), (v) => updateIpFormatAndPorts(v, 60_000, 1)),
    ],
  ],
  [
    'emit',
    [
      ...each(NO_STRINGS, type('type'), (v) => emit(v)),
      ...each(['', 'x'.repeat(129)], range('type'), (v) => emit(v)),
      ...each([null, 7, true, 7n, Symbol('s'), noop], type('payload'), (v) => emit('my:event', v)),
      ...each([[1], new Date(), { toJSON: () => 7 }], type('payload'), (v) => emit('my:event', v)),
    ],
  ],
])('%s', (_, table) => {
  test.each(table)('does not take %p', (value, expected, call) => {
    expect(thrown(() => call(value))).toMatchObject(expected);
  });
});

describe('methods of a listener', () => {
  test.each([
    ...each(NO_STRINGS, type('connectionId'), (v, listener) => listener.send(v, 'x')),
    ...each([undefined, null, 7, true, {}, [1]], type('data'), (v, listener) =>
      listener.send('conn-1', v),
    ),
    ...each(NO_STRINGS, type('connectionId'), (v, listener) => listener.disconnect(v)),
    ...each([null, 7, {}, noop], type('next'), (v, listener) => listener.rotateToken(v)),
    ...each(['', 'a/b', 'x'.repeat(257), 'connect'], badToken, (v, l) => l.rotateToken(v)),
  ])('do not take %p', (value, expected, call) => {
    expect(thrown(() => call(value, start()))).toMatchObject(expected);
  });
});

describe('tokens', () => {
  const RESERVED = ['connection', 'connections', 'connect', 'disconnect'];
  test.each(['', 'a b', 'a/b', 'ü-umlaut', 'x'.repeat(257), 'tab\there', ...RESERVED])(
    '%p is invalid, and the error does not repeat it',
    (token) => {
      const { name, code, message, error } = thrown(() => startEventListener(0, token, noop));
      expect({ name, code }).toEqual(badToken);
      expect(message).toMatch(/generateToken\(\)/);
      // The reserved words stand in the sentence that lists them.
      const secret = token && !RESERVED.includes(token);
      expect(Boolean(secret) && error.stack.includes(token)).toBe(false);
      expect(startCommunicate(1, 0, token)).toBe(1);
      expect(loopwire.sdkGetLastError()).toBe(message);
    },
  );

  test.each(['0', 'Az09._~-', 'x'.repeat(256), 'Connect'])('%p is one', (token) => {
    expect(start({}, token).url.endsWith(`/${token}`)).toBe(true);
  });

  test('generateToken gives base64url of that many random bytes, 32 by default', () => {
    expect(generateToken()).toMatch(/^[\w-]{43}$/);
    expect(generateToken(undefined)).toHaveLength(43);
    expect(generateToken(12)).toHaveLength(16);
    expect(generateToken(192)).toHaveLength(256);
    expect(new Set(Array.from({ length: 1000 }, () => generateToken())).size).toBe(1000);
  });
});

test('every function has a type, and every type of a function its function', () => {
  const text = fs.readFileSync(require.resolve('../../index.d.ts'), 'utf8');
  const exported = [...text.matchAll(/^export \{([^}]+)\}/gm)].flatMap(([, names]) =>
    names.split(','),
  );
  const names = exported.map((name) => name.split(' as ').at(-1).trim()).filter(Boolean);
  expect(names.sort()).toEqual(Object.keys(loopwire).sort());
});

test('a taken port is EADDRINUSE, as Node has it', () => {
  const { port } = start();
  const { name, error } = thrown(() => startEventListener(port, TOKEN, noop));
  expect(name).toBe('Error');
  expect({ ...error }).toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: '127.0.0.1',
    port,
  });
  expect(error.message).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}`);
  expect(startCommunicate(1, port, TOKEN)).toBe(1);
  expect(loopwire.sdkGetLastError()).toBe(error.message);
});

test('a port that Node itself uses is EADDRINUSE, too, and can be bound after Node closes it', async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  expect(thrown(() => startEventListener(port, TOKEN, noop)).code).toBe('EADDRINUSE');
  await new Promise((resolve) => server.close(resolve));
  expect(startEventListener(port, TOKEN, noop).port).toBe(port);
});

test('startCommunicate: another kind of channel is 1, with the reason in sdkGetLastError', () => {
  for (const kind of [0, 2, -1, 1.5, NaN]) {
    expect(startCommunicate(kind, 0, TOKEN)).toBe(1);
    expect(loopwire.sdkGetLastError()).toContain('comType must be 1 (WebSocket)');
  }
  expect(startCommunicate(1, 0, TOKEN)).toBe(0);
  expect(loopwire.sdkGetLastError()).toContain('comType');
});

when(process.platform === 'linux', 'Linux').test(
  'no thread starts before all is right',
  async () => {
    const child = runNode(`
    const fs = require('node:fs');
    const threads = () => fs.readdirSync('/proc/self/task').length;
    const before = threads();
    const attempt = (...args) => { try { loopwire.startEventListener(...args); } catch { return; } throw new Error('started'); };
    const taken = require('node:net').createServer().listen(0, '127.0.0.1', () => {
      attempt('0', 'token', () => {});
      attempt(0, 'no token', () => {});
      attempt(0, 'token', 7);
      attempt(0, 'token', () => {}, { heartbeatMs: 1 });
      attempt(0, 'token', () => {}, { no: 1 });
      attempt(taken.address().port, 'token', () => {});
      console.log(threads() - before);
      loopwire.startEventListener(0, loopwire.generateToken(), () => {});
      console.log(threads() > before);
      taken.close();
      loopwire.stopCommunicate();
    });`);
    expect(await child.take(2)).toEqual(['0', 'true']);
    expect(await child.ended).toMatchObject({ code: 0, errors: '' });
  },
);
