// Git over SSH, with the real sshd: keys, passphrases, passwords, and the keys of hosts.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { folder, leaks, place, repository, serve, spy } = require('../support/git/place.cjs');
const { makeKey, sshServer } = require('../support/git/ssh.cjs');
const { needs } = require('../support/needs.cjs');

const LONG = 60_000;

listeners(loopwire);

/** The code and message that a Promise rejects with. */
const rejection = (promise) =>
  promise.then(
    () => {
      throw new Error('it was fulfilled');
    },
    ({ code, message }) => ({ code, message }),
  );

/** A server, a key that it lets in, and a workspace. */
async function open({ password, passphrase = '', known = true } = {}) {
  const dir = folder('ssh');
  const server = await serve(sshServer(dir, { password }));
  const file = path.join(dir, 'client');
  const privateKey = makeKey(file, passphrase);
  server.allow(file);
  const source = repository();
  const here = place();
  const host = `[127.0.0.1]:${server.port}`;
  if (known) fs.writeFileSync(here.knownHosts, `${host} ${server.hostKey()}\n`);
  const workspace = loopwire.openWorkspace(here.root, { env: here.env });
  const url = `ssh://${server.username}@127.0.0.1:${server.port}${source.bare}`;
  return { ...here, dir, workspace, server, source, url, privateKey, host };
}

const all = needs('git', 'sshd', 'ssh-keygen', 'unshare');
all.describe('over SSH', () => {
  test(
    'a private key is enough, and is nowhere to be seen',
    async () => {
      const { workspace, url, privateKey, source, at, home } = await open();
      // Windows ends lines in another way, and whoever copies loses the last end.
      const pasted = privateKey.trimEnd().replaceAll('\n', '\r\n');
      const secret = privateKey.split('\n')[2];
      const end = spy([secret]);
      const done = await workspace.git.clone({ url, targetDir: 'a', auth: { privateKey: pasted } });
      expect(end().found).toEqual([]);
      expect(done).toEqual({ commit: source.commit });
      expect([...leaks(at(), [secret]), ...leaks(home, [secret])]).toEqual([]);
      expect(await rejection(workspace.git.clone({ url, targetDir: 'b' }))).toMatchObject({
        code: 'AUTH_FAILED',
      });
    },
    LONG,
  );

  test(
    'the passphrase of a key comes with the request, or is asked for, again if it is wrong',
    async () => {
      const { workspace, url, privateKey, source } = await open({ passphrase: 'open sesame' });
      const auth = { privateKey, passphrase: 'open sesame' };
      const end = spy(['open sesame']);
      const done = await workspace.git.clone({ url, targetDir: 'a', auth });
      expect(end().found).toEqual([]);
      expect(done).toEqual({ commit: source.commit });
      const wrong = { privateKey, passphrase: 'open barley' };
      const failed = await rejection(workspace.git.clone({ url, targetDir: 'b', auth: wrong }));
      expect(failed).toEqual({
        code: 'AUTH_FAILED',
        message: expect.stringContaining('passphrase that was given with the request was refused'),
      });
      const asked = [];
      const onCredentials = (question) => {
        asked.push(question);
        return { passphrase: question.attempt === 1 ? 'open barley' : 'open sesame' };
      };
      const options = { url, targetDir: 'b', auth: { privateKey }, onCredentials };
      expect(await workspace.git.clone(options)).toEqual({ commit: source.commit });
      const prompt = 'Enter passphrase for the private key that was given: ';
      expect(asked).toEqual([
        { id: expect.any(String), kind: 'passphrase', prompt, attempt: 1 },
        { id: expect.any(String), kind: 'passphrase', prompt, attempt: 2 },
      ]);
    },
    LONG,
  );

  test(
    'a host that is not known is asked about, and remembered if it is right',
    async () => {
      const { workspace, url, privateKey, server, source, host, knownHosts } = await open({
        known: false,
      });
      const auth = { privateKey };
      expect(await rejection(workspace.git.clone({ url, targetDir: 'a', auth }))).toEqual({
        code: 'HOST_KEY',
        message: expect.stringContaining(`${host} is not known, and nobody can be asked`),
      });
      const asked = [];
      const clone = (accept) =>
        workspace.git.clone({
          url,
          targetDir: 'a',
          auth,
          onCredentials: (question) => {
            asked.push(question);
            return { accept };
          },
        });
      expect(await rejection(clone(false))).toMatchObject({ code: 'HOST_KEY' });
      expect(fs.readFileSync(knownHosts, 'utf8')).toBe('');
      expect(await clone(true)).toEqual({ commit: source.commit });
      expect(asked[0]).toMatchObject({
        kind: 'hostKey',
        host,
        fingerprint: server.fingerprint(),
        prompt: expect.stringContaining(server.fingerprint()),
        attempt: 1,
      });
      expect(asked).toHaveLength(2);
      // From now on it is known.
      expect(await workspace.git.fetch({ repoPath: 'a', auth })).toEqual({ commit: source.commit });
      expect(asked).toHaveLength(2);
    },
    LONG,
  );

  test(
    'a host whose key has changed is refused, and nobody is asked',
    async () => {
      const { workspace, url, privateKey, dir, host, knownHosts } = await open();
      makeKey(path.join(dir, 'other'));
      const other = fs.readFileSync(path.join(dir, 'other.pub'), 'utf8');
      fs.writeFileSync(knownHosts, `${host} ${other.split(' ').slice(0, 2).join(' ')}\n`);
      const onCredentials = jest.fn();
      const options = { url, targetDir: 'a', auth: { privateKey }, onCredentials };
      expect(await rejection(workspace.git.clone(options))).toMatchObject({ code: 'HOST_KEY' });
      expect(onCredentials).not.toHaveBeenCalled();
    },
    LONG,
  );

  const root = process.getuid?.() === 0;
  needs(...(root ? ['openssl'] : ['unshare'])).test(
    'a password comes with the request, or is asked for',
    async () => {
      const { workspace, url, source, server } = await open({ password: 'pass word' });
      const auth = { username: server.username, password: 'pass word' };
      const end = spy(['pass word']);
      expect(await workspace.git.clone({ url, targetDir: 'a', auth })).toEqual({
        commit: source.commit,
      });
      expect(end().found).toEqual([]);
      const asked = [];
      const onCredentials = (question) => {
        asked.push(question);
        return { password: question.attempt < 3 ? 'guess' : 'pass word' };
      };
      const done = await workspace.git.clone({ url, targetDir: 'b', onCredentials });
      expect(done).toEqual({ commit: source.commit });
      const { username } = server;
      expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect(asked[0]).toMatchObject({ kind: 'password', host: '127.0.0.1', username });
      const wrong = { username, password: 'guess' };
      const failed = await rejection(workspace.git.clone({ url, targetDir: 'c', auth: wrong }));
      expect(failed).toMatchObject({ code: 'AUTH_FAILED' });
      // The password may also stand in the URL.
      const inUrl = url.replace('@', ':pass%20word@');
      expect(await workspace.git.clone({ url: inUrl, targetDir: 'd' })).toEqual({
        commit: source.commit,
      });
      expect(fs.readFileSync(path.join(workspace.root, 'd/.git/config'), 'utf8')).toContain(url);
    },
    LONG,
  );
});
