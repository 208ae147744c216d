// Every argument of every method, and what it takes, as in functions.cjs.
'use strict';

const HASH = '0'.repeat(40);

/** The same for the methods of a workspace. */
const METHODS = {
  execute: [
    ['command', ['string'], (w, v) => w.execute(v)],
    ['options', ['undefined'], (w, v) => w.execute('cat', v)],
    [
      'options.input',
      ['undefined', 'string', 'bytes', 'view', 'memory'],
      (w, v) => w.execute('cat', { input: v }),
    ],
    ['options.encoding', ['undefined'], (w, v) => w.execute('cat', { encoding: v })],
    [
      'options.maxOutputBytes',
      ['undefined', 'number', 'unsafe'],
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
    ['options.signal', ['undefined'], (w, v) => w.readFile('a', { signal: v })],
  ],
  writeFile: [
    ['path', ['string'], (w, v) => w.writeFile(v, 'x')],
    ['data', ['string', 'bytes', 'view', 'memory'], (w, v) => w.writeFile('a', v)],
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
  'snapshots.delete': [
    ['commitHash', ['string'], (w, v) => w.snapshots.delete(v)],
    ['options', ['undefined'], (w, v) => w.snapshots.delete(HASH, v)],
    ['options.signal', ['undefined'], (w, v) => w.snapshots.delete(HASH, { signal: v })],
  ],
};

/** The same for the other git operations: they have all but one option in common. */
for (const kind of ['fetch', 'pull', 'push', 'checkout']) {
  METHODS[`git.${kind}`] = [
    ['options', [], (w, v) => w.git[kind](v)],
    ['options.repoPath', ['string'], (w, v) => w.git[kind]({ branch: 'a', repoPath: v })],
    ...['branch', 'id'].map((name) => [
      `options.${name}`,
      kind === 'checkout' && name === 'branch' ? ['string'] : ['string', 'undefined'],
      (w, v) => w.git[kind]({ repoPath: '.', branch: 'a', [name]: v }),
    ]),
    ...[kind === 'checkout' ? 'create' : 'force'].map((name) => [
      `options.${name}`,
      ['boolean', 'undefined'],
      (w, v) => w.git[kind]({ repoPath: '.', branch: 'a', [name]: v }),
    ]),
    [
      'options.auth',
      ['null', 'undefined'],
      (w, v) => w.git[kind]({ repoPath: '.', branch: 'a', auth: v }),
    ],
    [
      'options.signal',
      ['undefined'],
      (w, v) => w.git[kind]({ repoPath: '.', branch: 'a', signal: v }),
    ],
  ];
}

/** The same for the methods of a listener. */
const OF_LISTENERS = {
  send: [
    ['connectionId', ['string'], (one, v) => one.send(v, 'x')],
    ['data', ['string', 'bytes', 'view', 'memory'], (one, v) => one.send('conn-1', v)],
  ],
  disconnect: [['connectionId', ['string'], (one, v) => one.disconnect(v)]],
  rotateToken: [['next', ['string', 'undefined'], (one, v) => one.rotateToken(v)]],
};

/** The same for the methods of a terminal. */
const OF_TERMINALS = {
  write: [
    ['data', ['string', 'bytes', 'view', 'memory'], (one, v) => one.write(v)],
    ['options', ['undefined'], (one, v) => one.write('x', v)],
    ['options.signal', ['undefined'], (one, v) => one.write('x', { signal: v })],
  ],
  resize: [
    ['cols', ['number'], (one, v) => one.resize(v, 24)],
    ['rows', ['number'], (one, v) => one.resize(80, v)],
  ],
  signal: [['signal', ['string'], (one, v) => one.signal(v)]],
};

module.exports = { METHODS, OF_LISTENERS, OF_TERMINALS };
