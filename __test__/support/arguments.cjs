// Every argument of every function, and what it takes: a table that a test walks with every wrong type.
'use strict';

const HASH = '0'.repeat(40);

// A value of each type; a function takes those that it has in common with the names after it.
const VALUES = {
  undefined: [undefined],
  null: [null],
  boolean: [true],
  number: [7],
  nan: [NaN],
  string: ['7'],
  bigint: [7n],
  symbol: [Symbol('s')],
  function: [() => {}],
  array: [['x']],
  object: [{ unknown: 1 }],
  bytes: [new Uint8Array(2)],
};

/** All values but those of these types. */
const allBut = (...names) =>
  Object.entries(VALUES).flatMap(([name, values]) => (names.includes(name) ? [] : values));

/**
 * The arguments of each function: a name, what is right, and how to call it with something else. What is an object of options
 * gets every wrong type for each option as well.
 *
 * @type {Record<string, [string, string[], (loopwire: any, value: any) => unknown][]>}
 */
const FUNCTIONS = {
  startEventListener: [
    ['port', ['number'], (l, v) => l.startEventListener(v, 'a-token-of-the-tests', () => {})],
    ['token', ['string'], (l, v) => l.startEventListener(0, v, () => {})],
    [
      'callback',
      ['function', 'undefined', 'null'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', v),
    ],
    [
      'options',
      ['undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, v),
    ],
    ...['onMessage', 'onConnection'].map((name) => [
      `options.${name}`,
      ['function', 'undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
    ]),
    ...['heartbeatMs', 'stallMs', 'maxMessageBytes', 'maxConnections'].map((name) => [
      `options.${name}`,
      ['undefined'],
      (l, v) =>
        l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v === 7 ? 0.5 : v }),
    ]),
    ...['insecure', 'detail', 'allowFileOrigin'].map((name) => [
      `options.${name}`,
      ['boolean', 'undefined'],
      (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
    ]),
    ...['host', 'delivery', 'format', 'tls', 'allowedHosts', 'allowedOrigins', 'signal'].map(
      (name) => [
        `options.${name}`,
        name.startsWith('allowed') ? ['undefined', 'array'] : ['undefined'],
        (l, v) => l.startEventListener(0, 'a-token-of-the-tests', () => {}, { [name]: v }),
      ],
    ),
  ],
  startCommunicate: [
    ['comType', ['number', 'nan'], (l, v) => l.startCommunicate(v, 0, 'a-token-of-the-tests')],
    ['port', ['number'], (l, v) => l.startCommunicate(1, v, 'a-token-of-the-tests')],
    ['token', ['string'], (l, v) => l.startCommunicate(1, 0, v)],
  ],
  emit: [
    ['type', ['string'], (l, v) => l.emit(v)],
    ['payload', ['undefined', 'string', 'object', 'array'], (l, v) => l.emit('my:type', v)],
    ['payload', ['undefined', 'string', 'object'], (l, v) => l.emit('my:type', v)],
  ],
  drained: [['options', ['undefined'], (l, v) => l.drained(v)]],
  generateToken: [['bytes', ['undefined'], (l, v) => l.generateToken(v)]],
  configure: [['settings', ['undefined'], (l, v) => l.configure(v)]],
  forward: [
    ['options', [], (l, v) => l.forward(v)],
    ['options.port', [], (l, v) => l.forward({ port: v === 7 ? 0 : v, upstream: 'direct://' })],
    ...['accept', 'onRotate', 'requestId', 'rotateOnError', 'probe', 'auth', 'signal'].map(
      (name) => [
        `options.${name}`,
        {
          requestId: ['string', 'undefined'],
          rotateOnError: ['boolean', 'undefined'],
          probe: ['null', 'undefined'],
        }[name] ?? ['undefined'],
        (l, v) => l.forward({ port: 60_000, upstream: 'direct://', [name]: v }),
      ],
    ),
    ['options.upstream', [], (l, v) => l.forward({ port: 60_000, upstream: v })],
  ],
  rotate: [['port', ['number'], (l, v) => l.rotate(v)]],
  testPort: [['port', ['number'], (l, v) => l.testPort(v)]],
  removePort: [['port', ['number'], (l, v) => l.removePort(v)]],
  createWithId: [
    ['port', ['number'], (l, v) => l.createWithId(v, 'a')],
    ['proxyId', ['string'], (l, v) => l.createWithId(60_000, v)],
    ['plan', ['string', 'undefined'], (l, v) => l.createWithId(60_000, 'a', v)],
    ['actionType', ['string', 'undefined'], (l, v) => l.createWithId(60_000, 'a', '1', v)],
  ],
  quickCreateAtPort: [
    ['port', ['number'], (l, v) => l.quickCreateAtPort(v, 'a')],
    ['requestId', ['string'], (l, v) => l.quickCreateAtPort(60_000, v)],
    ['plan', ['string', 'undefined'], (l, v) => l.quickCreateAtPort(60_000, 'a', v)],
  ],
  createProxyByPortConfigs: [
    ['requestId', ['string'], (l, v) => l.createProxyByPortConfigs(v, '1', [])],
    ['plan', ['string', 'undefined'], (l, v) => l.createProxyByPortConfigs('a', v, [])],
    ['ports', [], (l, v) => l.createProxyByPortConfigs('a', '1', v)],
    ['n', ['undefined'], (l, v) => l.createProxyByPortConfigs('a', '1', [60_000], v)],
  ],
  quickCreateProxies: [
    ['requestId', ['string'], (l, v) => l.quickCreateProxies(v, '1', [])],
    ['ports', [], (l, v) => l.quickCreateProxies('a', '1', v)],
    ['n', ['undefined'], (l, v) => l.quickCreateProxies('a', '1', [60_000], v)],
    ['onlyFree', ['undefined'], (l, v) => l.quickCreateProxies('a', '1', [60_000], 1, v)],
  ],
  createWithConfigure: [
    ['requestId', ['string'], (l, v) => l.createWithConfigure(v, [], 0, '{}')],
    ['ports', [], (l, v) => l.createWithConfigure('a', v, 0, '{}')],
    ['filterJson', ['string', 'bytes'], (l, v) => l.createWithConfigure('a', [], 0, v)],
  ],
  startHttpApi: [
    ['port', ['number'], (l, v) => l.startHttpApi(v)],
    ['options', ['undefined'], (l, v) => l.startHttpApi(60_500, v)],
    ['options.token', ['string', 'undefined'], (l, v) => l.startHttpApi(60_500, { token: v })],
  ],
  openWorkspace: [
    ['root', ['string'], (l, v) => l.openWorkspace(v)],
    ['options', ['undefined'], (l, v) => l.openWorkspace('.', v)],
    ...['terminal', 'files', 'git', 'snapshots', 'trustRepositories'].map((name) => [
      `options.${name}`,
      ['boolean', 'undefined'],
      (l, v) => l.openWorkspace('.', { [name]: v }),
    ]),
    ...[
      'detachMs',
      'scrollbackBytes',
      'maxTerminals',
      'maxWatches',
      'maxFileBytes',
      'maxSnapshots',
    ].map((name) => [
      `options.${name}`,
      ['undefined'],
      (l, v) => l.openWorkspace('.', { [name]: v === 7 ? 0.5 : v }),
    ]),
    ...['watch', 'shell', 'env', 'snapshotDir', 'gitProtocols', 'signal'].map((name) => [
      `options.${name}`,
      { shell: ['undefined', 'array'], snapshotDir: ['undefined', 'string'] }[name] ?? [
        'undefined',
      ],
      (l, v) => l.openWorkspace('.', { [name]: v }),
    ]),
  ],
};

/** The same for the methods of a workspace. */
const METHODS = {
  execute: [
    ['command', ['string'], (w, v) => w.execute(v)],
    ['options', ['undefined'], (w, v) => w.execute('cat', v)],
    ['options.input', ['undefined', 'string', 'bytes'], (w, v) => w.execute('cat', { input: v })],
    ['options.encoding', ['undefined'], (w, v) => w.execute('cat', { encoding: v })],
    [
      'options.maxOutputBytes',
      ['undefined', 'number'],
      (w, v) => w.execute('cat', { maxOutputBytes: v }),
    ],
    ['options.cwd', ['undefined', 'string'], (w, v) => w.execute('cat', { cwd: v })],
    ['options.timeoutMs', ['undefined', 'number'], (w, v) => w.execute('cat', { timeoutMs: v })],
    ['options.env', ['undefined'], (w, v) => w.execute('cat', { env: v })],
    ...['pty', 'cols', 'rows', 'command'].map((name) => [
      name,
      [],
      (w, v) => w.execute('cat', { [name]: v }),
    ]),
  ],
  terminal: [
    ['options', ['undefined'], (w, v) => w.terminal(v)],
    ...['cols', 'rows', 'timeoutMs'].map((name) => [
      `options.${name}`,
      ['undefined', 'number'],
      (w, v) => w.terminal({ command: 'cat', [name]: v }),
    ]),
    ...['command', 'cwd', 'id'].map((name) => [
      `options.${name}`,
      ['undefined', 'string'],
      (w, v) => w.terminal({ command: 'cat', [name]: v }),
    ]),
    ['options.pty', ['undefined', 'boolean'], (w, v) => w.terminal({ pty: v })],
  ],
  readFile: [
    ['path', ['string'], (w, v) => w.readFile(v)],
    ['options', ['undefined', 'null'], (w, v) => w.readFile('a', v)],
    ['options.encoding', ['undefined', 'null'], (w, v) => w.readFile('a', { encoding: v })],
  ],
  writeFile: [
    ['path', ['string'], (w, v) => w.writeFile(v, 'x')],
    ['data', ['string', 'bytes'], (w, v) => w.writeFile('a', v)],
    ['options', ['undefined'], (w, v) => w.writeFile('a', 'x', v)],
    ['options.mode', ['undefined', 'number'], (w, v) => w.writeFile('a', 'x', { mode: v })],
  ],
  watch: [
    ['paths', ['string', 'array'], (w, v) => w.watch(v)],
    ['options', ['undefined'], (w, v) => w.watch('.', v)],
    ['options.events', ['undefined', 'array'], (w, v) => w.watch('.', { events: v })],
    ['options.ignore', ['undefined', 'array', 'boolean'], (w, v) => w.watch('.', { ignore: v })],
  ],
  'git.clone': [
    ['options', [], (w, v) => w.git.clone(v)],
    ['options.url', [], (w, v) => w.git.clone({ url: v === '7' ? 7 : v, targetDir: 'a' })],
    [
      'options.onCredentials',
      ['undefined', 'function'],
      (w, v) => w.git.clone({ url: 'https://127.0.0.1:9/', targetDir: 'a', onCredentials: v }),
    ],
    [
      'options.timeoutMs',
      ['undefined', 'number'],
      (w, v) => w.git.clone({ url: 'https://127.0.0.1:9/', targetDir: 'a', timeoutMs: v }),
    ],
  ],
  'snapshots.create': [
    ['options', ['undefined'], (w, v) => w.snapshots.create(v)],
    ['options.message', ['undefined', 'string'], (w, v) => w.snapshots.create({ message: v })],
    ['options.keep', ['undefined'], (w, v) => w.snapshots.create({ keep: v })],
  ],
  'snapshots.restore': [
    ['commitHash', ['string'], (w, v) => w.snapshots.restore(v)],
    ['options', ['undefined'], (w, v) => w.snapshots.restore(HASH, v)],
  ],
  'snapshots.list': [
    ['options', ['undefined'], (w, v) => w.snapshots.list(v)],
    ['options.limit', ['undefined', 'number'], (w, v) => w.snapshots.list({ limit: v })],
  ],
  'snapshots.diff': [
    ['from', ['string'], (w, v) => w.snapshots.diff(v)],
    ['to', ['string', 'undefined', 'null'], (w, v) => w.snapshots.diff(HASH, v)],
    ['options', ['undefined'], (w, v) => w.snapshots.diff(HASH, HASH, v)],
  ],
  'snapshots.delete': [['commitHash', ['string'], (w, v) => w.snapshots.delete(v)]],
};

const CODES =
  /^(ERR_INVALID_ARG_(TYPE|VALUE)|ERR_OUT_OF_RANGE|ERR_SOCKET_BAD_PORT|ERR_UNKNOWN_OPTION|ERR_EVENT_\w+|ERR_TOKEN_INVALID)$/;

/** What a call comes to with each wrong value, if that is not a refusal that names the argument. */
async function wrong(table, subject) {
  const found = [];
  for (const [what, rows] of Object.entries(table)) {
    for (const [name, right, call] of rows) {
      for (const value of allBut(...right)) {
        const at = `${what}: ${name} = ${typeof value} ${String(value)}`;
        try {
          await call(subject, value);
          found.push(`${at} was accepted`);
        } catch (error) {
          const { code, message } = error;
          const last = name.split('.').at(-1);
          const named = message.includes(last) || message.includes('option');
          if (!CODES.test(code) || !named) found.push(`${at}: ${code} ${message}`);
          else if (!['TypeError', 'RangeError'].includes(error.name))
            found.push(`${at}: ${error.name}`);
        }
      }
    }
  }
  return found;
}

module.exports = { FUNCTIONS, METHODS, wrong };
