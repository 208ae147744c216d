// `workspace.git` against real servers over HTTP: credentials, progress, cancelling.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { Stoppable } = require('../../examples/demo/server.cjs');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { gitServer } = require('../support/git/http.cjs');
const { USERS, failure, open, person, rejection } = require('../support/git/http-workspace.cjs');
const { folder, git, leaks, place, repository, serve, spy } = require('../support/git/place.cjs');
const { needs, tool } = require('../support/needs.cjs');

const LONG = 90_000;
const start = listeners(loopwire);

describe('arguments', () => {
  const clone = { url: 'https://example.com/a.git', targetDir: 'a' };
  test.each([
    ['no options', 'clone', undefined, 'ERR_INVALID_ARG_TYPE', 'options must be an object'],
    ['a string', 'clone', 'x', 'ERR_INVALID_ARG_TYPE', 'options must be an object'],
    ['no url', 'clone', { targetDir: 'a' }, 'ERR_INVALID_ARG_TYPE', 'options.url'],
    ['no target', 'clone', { url: 'a' }, 'ERR_INVALID_ARG_TYPE', 'options.targetDir'],
    ['another option', 'clone', { ...clone, target: 'a' }, 'ERR_UNKNOWN_OPTION', 'targetDir?'],
    ['a depth of 0', 'clone', { ...clone, depth: 0 }, 'ERR_OUT_OF_RANGE', 'options.depth'],
    ['a time of 0', 'clone', { ...clone, timeoutMs: 0 }, 'ERR_OUT_OF_RANGE', 'options.timeoutMs'],
    ['a NUL', 'clone', { ...clone, branch: 'a\0' }, 'ERR_INVALID_ARG_VALUE', 'options.branch'],
    ['no repository', 'fetch', {}, 'ERR_INVALID_ARG_TYPE', 'options.repoPath'],
    ['a number to force', 'push', { repoPath: '.', force: 1 }, 'ERR_INVALID_ARG_TYPE', 'force'],
    ['nothing to check out', 'checkout', { repoPath: '.' }, 'ERR_INVALID_ARG_TYPE', 'branch'],
    ['a depth to fetch', 'fetch', { repoPath: '.', depth: 1 }, 'ERR_UNKNOWN_OPTION', 'depth'],
    ['a signal', 'pull', { repoPath: '.', signal: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.signal'],
    ['no function', 'pull', { repoPath: '.', onCredentials: {} }, 'ERR_INVALID_ARG_TYPE', 'onCred'],
    [
      'two kinds of credentials',
      'clone',
      { ...clone, auth: { token: 'secret', password: 'secret' } },
      'ERR_INVALID_ARG_VALUE',
      'options.auth',
    ],
    [
      'a number as a token',
      'clone',
      { ...clone, auth: { token: 7 } },
      'ERR_INVALID_ARG_TYPE',
      'options.auth.token',
    ],
    [
      'another key',
      'clone',
      { ...clone, auth: { key: 'secret' } },
      'ERR_UNKNOWN_OPTION',
      'options.auth',
    ],
  ])('%s throws, and starts nothing', (_, kind, options, code, text) => {
    const workspace = loopwire.openWorkspace(folder('workspace'));
    let thrown;
    try {
      workspace.git[kind](options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(thrown.message).not.toContain('secret');
  });

  test('what cannot be started rejects, and so does a workspace without git', async () => {
    const workspace = loopwire.openWorkspace(folder('workspace'));
    const refused = workspace.git.clone({ ...clone, url: '--upload-pack=touch x' });
    expect(refused.id).toBeUndefined();
    refused.cancel();
    for await (const _ of refused.progress) throw new Error('it does not run');
    expect(await rejection(refused)).toMatchObject({ code: 'URL_REFUSED' });
    await workspace.close();
    const without = loopwire.openWorkspace(folder('workspace'), { git: false });
    expect(await rejection(without.git.clone(clone))).toMatchObject({ code: 'NOT_ENABLED' });
    await without.close();
    expect((await rejection(workspace.git.clone(clone))).code).toBe('NO_WORKSPACE');
  });
});

needs('git').describe('over HTTP', () => {
  test(
    'clones with progress that rises to 100, pulls, pushes and checks out',
    async () => {
      const { workspace, url, source, at } = await open({}, 10_000_000);
      const cloning = workspace.git.clone({ url, targetDir: 'deep/copy', id: 'mine' });
      expect(cloning.id).toBe('mine');
      const seen = [];
      const other = [];
      const reading = (async () => {
        for await (const progress of cloning.progress) other.push(progress);
      })();
      for await (const progress of cloning.progress) seen.push(progress);
      expect(await cloning).toEqual({ commit: source.commit });
      await reading;
      for (const all of [seen, other]) {
        const percents = all.map(({ percent }) => percent);
        expect(percents).toEqual(percents.toSorted((a, b) => a - b));
        expect(all.at(-1)).toMatchObject({ percent: 100, phase: 'done' });
      }
      expect(seen.length).toBeGreaterThan(2);
      expect(seen.some(({ phase, bytes }) => phase === 'receiving' && bytes > 0)).toBe(true);

      fs.writeFileSync(at('deep/copy/new'), 'new');
      git(at('deep/copy'), 'add', '.');
      git(at('deep/copy'), 'commit', '-qm', 'two');
      const two = git(at('deep/copy'), 'rev-parse', 'HEAD');
      expect(await workspace.git.push({ repoPath: 'deep/copy' })).toEqual({ commit: two });
      expect(git(source.bare, 'rev-parse', 'main')).toBe(two);
      expect(await workspace.git.clone({ url, targetDir: 'b', depth: 1 })).toEqual({ commit: two });
      expect(await workspace.git.fetch({ repoPath: 'b' })).toEqual({ commit: two });
      expect(await workspace.git.pull({ repoPath: 'b' })).toEqual({ commit: two });
      const checkout = { repoPath: 'b', branch: 'topic', create: true };
      expect(await workspace.git.checkout(checkout)).toEqual({ commit: two });
      expect(git(at('b'), 'branch', '--show-current')).toBe('topic');
    },
    LONG,
  );

  test.each([
    ['a password', (url) => ({ url, auth: { username: 'bob', password: USERS.bob } })],
    ['the URL', (url) => ({ url: url.replace('//', `//bob:${encodeURIComponent(USERS.bob)}@`) })],
  ])('takes credentials from %s, which is nowhere to be seen', async (_, given) => {
    const { workspace, url, at, home } = await open({ users: USERS }, 3_000_000);
    const { events } = start({ format: 'string' });
    const end = spy([USERS.bob, encodeURIComponent(USERS.bob)]);
    await workspace.git.clone({ ...given(url), targetDir: 'copy' });
    const { found, looks } = end();
    expect(found).toEqual([]);
    expect(looks).toBeGreaterThan(2);
    const secrets = [USERS.bob, encodeURIComponent(USERS.bob)];
    expect([...leaks(at(), secrets), ...leaks(home, secrets)]).toEqual([]);
    expect(fs.readFileSync(at('copy/.git/config'), 'utf8')).toContain(`url = ${url}\n`);
    const heard = await events.until((text) => text.includes('git:complete'));
    expect(heard.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  });

  test('a token goes without a name, and the password of the request wins over a helper', async () => {
    const { workspace, url, home } = await open({ users: { 'x-access-token': 't0ken', ...USERS } });
    await workspace.git.clone({ url, targetDir: 'a', auth: { token: 't0ken' } });
    // The helper has another one, would store what it is told, and would erase what is refused.
    const store = path.join(home, 'store');
    const helper = `!f() { echo "$1" >>'${store}'; echo username=bob; echo password=old; }; f`;
    git(home, 'config', '--file', path.join(home, 'gitconfig'), 'credential.helper', helper);
    const auth = { username: 'bob', password: USERS.bob };
    await workspace.git.clone({ url, targetDir: 'b', auth });
    expect(fs.existsSync(store)).toBe(false);
    // Without credentials of its own the request has those of the helper.
    expect(await rejection(workspace.git.clone({ url, targetDir: 'c' }))).toMatchObject({
      code: 'AUTH_FAILED',
    });
    expect(fs.readFileSync(store, 'utf8')).toContain('get\n');
  });

  test('asks the application, again after a wrong answer', async () => {
    const { workspace, url, at } = await open({ users: USERS });
    const { asked, onCredentials } = person(1);
    await workspace.git.clone({ url, targetDir: 'copy', id: 'c', onCredentials });
    const origin = new URL(url).origin;
    const host = new URL(url).host;
    expect(asked).toEqual([
      {
        id: 'c',
        kind: 'username',
        prompt: `Username for '${origin}': `,
        url: origin,
        host,
        attempt: 1,
      },
      {
        id: 'c',
        kind: 'password',
        prompt: `Password for 'http://bob@${host}': `,
        url: origin,
        host,
        username: 'bob',
        attempt: 1,
      },
      {
        id: 'c',
        kind: 'username',
        prompt: `Username for '${origin}': `,
        url: origin,
        host,
        attempt: 2,
      },
      {
        id: 'c',
        kind: 'password',
        prompt: `Password for 'http://bob@${host}': `,
        url: origin,
        host,
        username: 'bob',
        attempt: 2,
      },
    ]);
    expect(fs.readdirSync(at('copy'))).toContain('file-0');
  });

  test.each([
    ['three wrong answers', () => person(9), 'AUTH_FAILED', 'wrong 3 times', 6],
    ['null', () => ({ asked: [], onCredentials: () => null }), 'AUTH_FAILED', 'refused', 0],
    [
      'cancel',
      () => ({ asked: [], onCredentials: async () => ({ cancel: true }) }),
      'AUTH_FAILED',
      'refused',
      0,
    ],
  ])('fails after %s', async (_, who, code, text, count) => {
    const { workspace, url, at } = await open({ users: USERS });
    const { asked, onCredentials } = who();
    const failed = await rejection(workspace.git.clone({ url, targetDir: 'copy', onCredentials }));
    expect(failed).toEqual({ code, message: expect.stringContaining(text) });
    expect(asked).toHaveLength(count);
    expect(fs.existsSync(at('copy'))).toBe(false);
  });

  test('fails with the error of a function that throws or gives nonsense', async () => {
    const { workspace, url } = await open({ users: USERS });
    const oops = new Error('oops');
    const clone = (onCredentials) =>
      failure(workspace.git.clone({ url, targetDir: 'copy', onCredentials }));
    const thrown = await clone(() => {
      throw oops;
    });
    expect(thrown).toMatchObject({ code: 'AUTH_FAILED', cause: oops });
    const nonsense = await clone(() => ({ user: 'bob' }));
    expect(nonsense.cause).toMatchObject({ code: 'ERR_UNKNOWN_OPTION' });
    const other = await clone(() => ({ password: 'p' }));
    expect(other.cause.message).toContain('username');
  });

  test('says that there is nobody to ask, and that a given password is wrong', async () => {
    const { workspace, url } = await open({ users: USERS });
    expect(await rejection(workspace.git.clone({ url, targetDir: 'a' }))).toEqual({
      code: 'AUTH_FAILED',
      message: expect.stringMatching(
        /127\.0\.0\.1:\d+ is needed, and nobody can be asked: give auth or onCredentials/,
      ),
    });
    const auth = { username: 'bob', password: 'wr0ng' };
    const { asked, onCredentials } = person();
    const wrong = await rejection(
      workspace.git.clone({ url, targetDir: 'a', auth, onCredentials }),
    );
    expect(wrong.code).toBe('AUTH_FAILED');
    expect(wrong.message).not.toContain('wr0ng');
    expect(asked).toEqual([]);
  });

  test('does not give the password of one server to another that a redirect leads to', async () => {
    const { workspace, url, source } = await open({ users: USERS });
    const elsewhere = new Stoppable(0, () =>
      http.createServer((request, response) => {
        response.writeHead(302, { location: new URL(request.url, url).href }).end();
      }),
    );
    await serve(elsewhere);
    const auth = { username: 'bob', password: USERS.bob };
    const from = `http://127.0.0.1:${elsewhere.port}/project.git`;
    const failed = await rejection(workspace.git.clone({ url: from, targetDir: 'a', auth }));
    expect(failed.code).toBe('AUTH_FAILED');
    expect(failed.message).toContain(new URL(url).host);
    const { onCredentials } = person();
    const done = await workspace.git.clone({ url: from, targetDir: 'a', auth, onCredentials });
    expect(done).toEqual({ commit: source.commit });
  });

  needs('openssl').test('a certificate that nobody knows is a failure of the network', async () => {
    const source = repository();
    const dir = folder('tls');
    const files = ['-keyout', path.join(dir, 'key'), '-out', path.join(dir, 'cert')];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const args = ['req', '-x509', ...ec, '-days', '9', '-subj', '/CN=localhost', ...files];
    execFileSync(tool('openssl'), args, { stdio: 'pipe' });
    const [key, cert] = ['key', 'cert'].map((name) => fs.readFileSync(path.join(dir, name)));
    const server = await serve(gitServer(source.root, { tls: { key, cert } }));
    const here = place();
    const workspace = loopwire.openWorkspace(here.root, { env: here.env });
    const url = `https://localhost:${server.port}/project.git`;
    expect(await rejection(workspace.git.clone({ url, targetDir: 'a' }))).toMatchObject({
      code: 'NETWORK',
    });
  });

  needs('git-lfs').test(
    'Git LFS sends and gets its files with the credentials that the application gives',
    async () => {
      const objects = new Map();
      const { workspace, url, at, home } = await open({ users: USERS, objects });
      const lfs = {
        clean: 'git-lfs clean -- %f',
        smudge: 'git-lfs smudge -- %f',
        process: 'git-lfs filter-process',
      };
      for (const [key, value] of Object.entries({ ...lfs, required: 'true' })) {
        git(home, 'config', '--file', path.join(home, 'gitconfig'), `filter.lfs.${key}`, value);
      }
      const env = { ...process.env, HOME: home, GIT_CONFIG_GLOBAL: path.join(home, 'gitconfig') };
      const { asked, onCredentials } = person();
      await workspace.git.clone({ url, targetDir: 'copy', onCredentials });
      const own = (...args) =>
        execFileSync(tool('git'), args, { cwd: at('copy'), env, stdio: 'pipe' });
      own('lfs', 'install', '--local');
      own('lfs', 'track', '*.bin');
      fs.writeFileSync(at('copy/large.bin'), 'x'.repeat(100_000));
      own('add', '.');
      own('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'large');
      // It is the hook before a push that sends them.
      expect(fs.existsSync(at('copy/.git/hooks/pre-push'))).toBe(true);
      await workspace.git.push({ repoPath: 'copy', onCredentials });
      expect([...objects.values()].map(String)).toEqual(['x'.repeat(100_000)]);
      await workspace.git.clone({ url, targetDir: 'other', onCredentials });
      expect(fs.readFileSync(at('other/large.bin'), 'utf8')).toBe('x'.repeat(100_000));
      expect(new Set(asked.map(({ kind }) => kind))).toEqual(new Set(['username', 'password']));
      // git and Git LFS each ask for the same credentials of a request.
      const auth = { username: 'bob', password: USERS.bob };
      await workspace.git.clone({ url, targetDir: 'third', auth });
      expect(fs.readFileSync(at('third/large.bin'), 'utf8')).toBe('x'.repeat(100_000));
      expect(leaks(at(), [USERS.bob])).toEqual([]);
    },
    LONG,
  );
});
