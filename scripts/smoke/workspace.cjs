// The workspace's steps: files, commands, terminals, watching, git, snapshots.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Absent } = require('./step.cjs');

/** @typedef {import('./step.cjs').Surroundings} Surroundings */

const windows = process.platform === 'win32';

/** Says by name that this platform has no git. */
function needGit() {
  const { error, stdout } = spawnSync('git', ['--version'], { encoding: 'utf8' });
  if (error) throw new Absent(`no git on this machine (${/** @type {any} */ (error).code})`);
  return stdout.trim();
}

/** A command to its end. @param {Surroundings} the @param {string} command @param {object} [options] */
const executed = ({ kept }, command, options) => kept.workspace.execute(command, options);

/** @type {import('./step.cjs').Step[]} */
const STEPS = [
  {
    name: 'workspace',
    async run({ kept, loopwire, place }) {
      const root = path.join(place, 'workspace');
      fs.mkdirSync(root);
      kept.workspace = loopwire.openWorkspace(root, {
        snapshotDir: path.join(place, 'snapshots'),
        watch: 'onDemand',
      });
    },
  },
  {
    name: 'files',
    async run({ check, kept }) {
      const { workspace } = kept;
      const text = 'zwölf Boxkämpfer\n'.repeat(10_000);
      await workspace.writeFile('first.txt', text);
      check((await workspace.readFile('first.txt', 'utf8')) === text, 'it holds something else');
      const names = fs.readdirSync(workspace.root);
      check(names.join() === 'first.txt', `the folder holds ${names.join(', ')}`);
      return `${Buffer.byteLength(text)} bytes written and read`;
    },
  },
  {
    name: 'path out of the root',
    async run({ check, kept, place }) {
      fs.writeFileSync(path.join(place, 'secret.txt'), 'secret');
      const { code } = await kept.workspace
        .readFile('../secret.txt')
        .catch((/** @type {any} */ error) => error);
      check(code === 'PATH_OUTSIDE', `it was answered with ${code ?? 'the file'}`);
    },
  },
  {
    name: 'command with pipes',
    async run(the) {
      const command = windows
        ? 'echo hello& echo problem 1>&2& exit 7'
        : 'cat; echo problem >&2; exit 7';
      const { exitCode, stderr, stdout } = await executed(the, command, { input: 'hello\n' });
      the.check(exitCode === 7, `the exit code was ${exitCode}`);
      the.check(stdout.trim() === 'hello', `its output was ${JSON.stringify(stdout)}`);
      the.check(stderr.trim() === 'problem', `its errors were ${JSON.stringify(stderr)}`);
    },
  },
  {
    name: 'command that is ended',
    async run(the) {
      const command = windows ? 'ping -n 60 127.0.0.1' : 'sleep 60';
      const { reason } = await executed(the, command, { timeoutMs: 300 });
      the.check(reason === 'timeout', `the reason was ${reason}`);
    },
  },
  {
    name: 'terminal (PTY)',
    async run({ check, kept }) {
      const command = windows ? 'echo it-is-one' : 'test -t 0 && test -t 1 && echo it-is-one';
      const terminal = await kept.workspace.terminal({ command, cols: 100, rows: 30 });
      let text = '';
      for await (const data of terminal.output) text += data;
      const { exitCode } = await terminal.exit;
      check(exitCode === 0, `the exit code was ${exitCode}`);
      check(text.includes('it-is-one'), `its output was ${JSON.stringify(text)}`);
    },
  },
  {
    name: 'terminal that is typed into',
    async run({ check, kept }) {
      const command = windows ? 'set /p x= & echo done' : 'read x; echo "got $x"';
      const terminal = await kept.workspace.terminal({ command });
      await terminal.write(windows ? 'twelve\r' : 'twelve\n');
      let text = '';
      for await (const data of terminal.output) text += data;
      check(
        text.includes(windows ? 'done' : 'got twelve'),
        `its output was ${JSON.stringify(text)}`,
      );
    },
  },
  {
    name: 'watching a file',
    async run({ check, kept }) {
      const { workspace } = kept;
      const watch = workspace.watch('.');
      await watch.ready;
      await workspace.writeFile('watched.txt', 'one');
      for await (const { changeType, path: changed } of watch) {
        if (changed && path.basename(changed) !== 'watched.txt') continue;
        check(changeType === 'created', `the change was ${changeType}`);
        break;
      }
      await watch.close();
    },
  },
  {
    name: 'git',
    async run(the) {
      const version = needGit();
      const made = await executed(
        the,
        'git init -q repo && cd repo && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first',
      );
      the.check(made.exitCode === 0, `no repository: ${made.stderr.trim()}`);
      const { git } = the.kept.workspace;
      await git.checkout({ repoPath: 'repo', branch: 'next', create: true });
      const { stdout } = await executed(the, 'git status --short --branch', { cwd: 'repo' });
      the.check(stdout.trim() === '## next', `the status was ${JSON.stringify(stdout)}`);
      return version;
    },
  },
  {
    name: 'snapshot',
    async run({ check, kept }) {
      needGit();
      const { workspace } = kept;
      const { commitHash } = await workspace.snapshots.create({ message: 'smoke' });
      await workspace.writeFile('first.txt', 'changed');
      await workspace.snapshots.restore(commitHash);
      const text = await workspace.readFile('first.txt', 'utf8');
      check(text.startsWith('zwölf'), 'the file was not restored');
    },
  },
  {
    name: 'workspace is closed',
    async run({ check, kept }) {
      await kept.workspace.close();
      check(kept.workspace.closed, 'it is open');
    },
  },
];

module.exports = { STEPS };
