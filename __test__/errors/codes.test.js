// Each code that a function throws or rejects with: its class, its stack, and what it knows of the path, the port and the
// cause, as docs/errors.md says.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const loopwire = require('../..');
const codes = require('../../fixtures/schema/codes.json');
const { failure } = require('../support/errors/failure.cjs');
const { NONE, ROWS, here, listen, newFolder } = require('../support/errors/rows.cjs');
const { when } = require('../support/needs.cjs');
const { runNode } = require('../support/process/program.cjs');

const linux = when(process.platform === 'linux', 'Linux: its codes of errors, and its addresses');

/** The codes that have no row, and where their tests are, or why there is none. */
const ELSEWHERE = {
  'the tests of the loader': [
    'ERR_BINDING_MISSING',
    'ERR_BINDING_UNLOADABLE',
    'ERR_BINDING_VERSION',
    'ERR_NODE_TOO_OLD',
  ],
  'the tests of TLS': [
    'ERR_TLS_CERT_EXPIRED',
    'ERR_TLS_CERT_NOT_YET_VALID',
    'ERR_TLS_KEY_ENCRYPTED',
    'ERR_TLS_KEY_UNSUPPORTED',
    'ERR_TLS_KEY_MISMATCH',
  ],
  'below, or where a process has no descriptors or is no superuser': [
    'EADDRNOTAVAIL',
    'EACCES',
    'EMFILE',
    'ERR_LISTEN',
    'ERR_START_FAILED',
    'TOO_MANY_OPEN_FILES',
    'GIT_NOT_FOUND',
    'GIT_FAILED',
  ],
  'the tests of events': ['ERR_EVENT_FORM', 'ERR_JOURNAL_FULL', 'ERR_CLOSED'],
  'the tests of files, on file systems that refuse': [
    'NOT_PERMITTED',
    'NO_SPACE',
    'IO_ERROR',
    'FILE_CHANGED',
    'FILE_TORN',
    'WATCH_LIMIT',
  ],
  'the tests of git, with servers': [
    'AUTH_FAILED',
    'HOST_KEY',
    'NETWORK',
    'CONFLICT',
    'REJECTED',
    'LOCKED',
    'CONFIG_REFUSED',
    'DUBIOUS_OWNERSHIP',
    'TIMED_OUT',
    'TOO_MANY_OPERATIONS',
    'BUSY',
    'GONE',
  ],
  'only clients get it': [
    'BAD_MESSAGE',
    'UNKNOWN_TYPE',
    'OUT_OF_RANGE',
    'BAD_OFFSET',
    'BAD_SIZE',
    'TOO_MANY_TRANSFERS',
    'NOT_FORWARDED',
    'ROTATE_FAILED',
  ],
  'a failure of Loopwire itself': ['INTERNAL'],
};

test('every code has a row, or a reason', () => {
  const { ThrownErrorCode, CommandErrorCode, GitErrorCode } = codes;
  const all = [ThrownErrorCode, CommandErrorCode, GitErrorCode];
  const wanted = new Set(all.flatMap(({ values }) => Object.keys(values)));
  const known = new Set([...ROWS.map(([code]) => code), ...Object.values(ELSEWHERE).flat()]);
  expect([...known].sort()).toEqual([...wanted].sort());
});

const namesPort = ({ message }) => /\d+\.\d+\.\d+\.\d+:\d+|^port \d+/.test(message);

/** What holds of each error. */
function expectForm(error, code, Class = Error, caller = here) {
  expect(error.code).toBe(code);
  expect(Object.getPrototypeOf(error)).toBe(Class.prototype);
  expect(error.stack).toContain(caller);
  expect(Object.keys(error)).not.toContain('cause');
  expect([error.message, namesPort(error)]).toEqual([error.message, 'port' in error]);
  const causes = error.cause instanceof Error ? [error.cause] : [];
  for (const cause of causes) {
    expect(cause.code).toEqual(expect.any(String));
    expect(cause.stack).toBe(`Error: ${cause.message}`);
  }
}

/** The cause in the form of what is wanted of it. */
const wantedCause = (cause) => (typeof cause === 'object' ? expect.objectContaining(cause) : cause);

linux.describe('each code', () => {
  test.each(ROWS.map((row, at) => [`${row[0]} (${at + 1})`, row]))('%s', async (_, row) => {
    const [code, call, Class, { cause, ...keys } = {}] = row;
    const error = await failure(call);
    expectForm(error, code, Class);
    expect(error).toMatchObject(keys);
    const unknown = cause === undefined ? error.cause : wantedCause(cause);
    expect(error.cause).toEqual(cause === NONE ? undefined : unknown);
  });

  test('EADDRNOTAVAIL: an address of nobody', async () => {
    const error = await failure(() => listen({ host: '192.0.2.1', insecure: true }));
    expectForm(error, 'EADDRNOTAVAIL', Error, path.basename(__filename));
    const { port, ...rest } = error;
    expect(port).toBe(0);
    expect(rest).toMatchObject({ syscall: 'listen', address: '192.0.2.1', errno: -99 });
  });

  test('an error of a port has what Node has', async () => {
    const { port } = listen();
    const ours = await failure(() =>
      loopwire.startEventListener(port, loopwire.generateToken(), () => {}),
    );
    const theirs = await new Promise((resolve) => {
      net.createServer().once('error', resolve).listen(port, '127.0.0.1');
    });
    expect({ ...ours, message: ours.message }).toEqual({ ...theirs, message: theirs.message });
  });
});

// Git is looked for in the PATH of the process.
const WITHOUT_GIT = `
  const workspace = loopwire.openWorkspace(process.env.ROOT, { snapshotDir: process.env.STORE });
  const facts = ({ code, message, path, cause }) => ({ code, path, cause: cause && {
    message: cause.message, code: cause.code, syscall: cause.syscall, path: cause.path, errno: cause.errno,
  } });
  (async () => {
    const all = [
      workspace.git.fetch({ repoPath: '.' }),
      workspace.git.clone({ url: 'https://127.0.0.1:9/a.git', targetDir: 'a' }),
      workspace.snapshots.create(),
      workspace.snapshots.list(),
    ];
    const ended = await Promise.allSettled(all);
    console.log(JSON.stringify(ended.map(({ reason }) => facts(reason))));
    await loopwire.shutdown();
  })();`;

/** What git operations fail with in a process whose PATH is a folder that `make` fills. */
async function withGit(make) {
  const [folder, ROOT, STORE] = [newFolder(), newFolder(), newFolder()];
  make(folder);
  fs.mkdirSync(path.join(ROOT, '.git'));
  const child = runNode(WITHOUT_GIT, { env: { PATH: folder, ROOT, STORE } });
  const told = JSON.parse(await child.next());
  expect(await child.ended).toMatchObject({ code: 0 });
  return told;
}

linux.describe('a git that cannot be started', () => {
  test('is not there', async () => {
    const cause = {
      message: 'spawn git ENOENT',
      code: 'ENOENT',
      syscall: 'spawn',
      path: 'git',
      errno: -2,
    };
    expect(await withGit(() => {})).toEqual([
      { code: 'GIT_NOT_FOUND', path: '.', cause },
      { code: 'GIT_NOT_FOUND', path: 'a', cause },
      { code: 'GIT_NOT_FOUND', cause },
      { code: 'GIT_NOT_FOUND', cause },
    ]);
  });

  test('may not be executed', async () => {
    const told = await withGit((folder) => {
      fs.writeFileSync(path.join(folder, 'git'), '#!/bin/sh\n', { mode: 0o600 });
    });
    for (const { code, cause } of told) {
      expect(code).toMatch(/^GIT_(FAILED|NOT_FOUND)$/);
      expect(cause).toEqual({
        message: 'spawn git EACCES',
        code: 'EACCES',
        syscall: 'spawn',
        path: 'git',
        errno: -13,
      });
    }
  });
});
