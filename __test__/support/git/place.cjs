// Places for tests of git: repositories to clone, and a workspace whose git has a configuration of its own.
'use strict';

const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { tool } = require('../needs.cjs');

const folders = [];
const servers = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** A new directory that goes with the tests of the file. */
function folder(name) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), `loopwire-${name}-`));
  folders.push(made);
  return fs.realpathSync(made);
}

/** Starts a server that stops with its test. @template T @param {T} server @returns {Promise<T>} */
async function serve(server) {
  servers.push(server);
  await server.start();
  return server;
}

/** Runs git outside of any workspace, and gives what it prints. */
function git(directory, ...args) {
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const options = { cwd: directory, env, stdio: 'pipe', encoding: 'utf8' };
  return execFileSync(tool('git') ?? 'git', args, options).trim();
}

/**
 * A bare repository `project.git` in a new directory, with one commit of random files.
 *
 * @param {number} [bytes] their size altogether
 */
function repository(bytes = 1000) {
  const root = folder('served');
  const work = path.join(root, 'work');
  git(root, 'init', '-q', '-b', 'main', 'work');
  const pieces = Math.max(1, Math.ceil(bytes / 100_000));
  for (let n = 0; n < pieces; n += 1) {
    fs.writeFileSync(path.join(work, `file-${n}`), crypto.randomBytes(Math.ceil(bytes / pieces)));
  }
  git(work, 'add', '.');
  git(work, 'commit', '-qm', 'one');
  git(root, 'clone', '-q', '--bare', 'work', 'project.git');
  git(path.join(root, 'project.git'), 'config', 'http.receivepack', 'true');
  return { root, commit: git(work, 'rev-parse', 'HEAD'), bare: path.join(root, 'project.git') };
}

/** What git in a workspace has instead of this user's settings. */
function environment(home) {
  const file = (name) => path.join(home, name);
  fs.writeFileSync(file('known_hosts'), '', { flag: 'a' });
  const ssh = ['ssh', '-F', 'none', '-o', `UserKnownHostsFile=${file('known_hosts')}`];
  return {
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: file('gitconfig'),
    GIT_SSH_COMMAND: [...ssh, '-o', 'GlobalKnownHostsFile=/dev/null'].join(' '),
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
    SSH_AUTH_SOCK: undefined,
  };
}

/** Where a workspace and the home of its git are. */
function place() {
  const [home, root] = [folder('home'), folder('workspace')];
  const at = (...parts) => path.join(root, ...parts);
  return { home, root, at, env: environment(home), knownHosts: path.join(home, 'known_hosts') };
}

const isEnd = (text) => /^\{"type":"(git:complete|git:error|error)"/.test(text);

/** All events up to the end of a git operation. */
async function end(inbox) {
  return (await inbox.until(isEnd)).map((text) => JSON.parse(text));
}

/**
 * Looks for secrets where other users and programs look: in the arguments and the environment of every process but this
 * one and the servers, as long as it is told to.
 *
 * @param {string[]} secrets
 */
function spy(secrets) {
  const found = [];
  let looks = 0;
  const look = () => {
    looks += 1;
    for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (Number(pid) === process.pid) continue;
      for (const kind of ['cmdline', 'environ']) {
        let text = '';
        try {
          text = fs.readFileSync(`/proc/${pid}/${kind}`, 'utf8');
        } catch {
          // It has ended, or is another user's.
        }
        for (const secret of secrets) {
          if (text.includes(secret)) found.push(`${kind} of ${pid}: ${text}`);
        }
      }
    }
  };
  const timer = setInterval(look, 5);
  return () => {
    clearInterval(timer);
    look();
    return { found, looks };
  };
}

/** Files beneath a directory that contain one of the secrets. */
function leaks(directory, secrets) {
  const entries = fs.readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => {
      const bytes = fs.readFileSync(file);
      return secrets.some((secret) => bytes.includes(secret));
    });
}

module.exports = { end, folder, git, leaks, place, repository, serve, spy };
