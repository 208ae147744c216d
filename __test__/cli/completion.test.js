// `loopwire completion`: the scripts do in real shells what they are for.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { COMMANDS } = require('../../lib/cli/commands.js');
const { needs, tool } = require('../support/needs.cjs');
const { run } = require('../support/process/served.cjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-completion-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What is typed, and what it can be completed to: all of these, and none of those. */
const CASES = [
  ['loopwire ', [...Object.keys(COMMANDS), 'help'], ['--port']],
  ['loopwire se', ['serve'], ['tail']],
  ['loopwire --', ['--help', '--version'], ['serve']],
  ['loopwire help co', ['completion'], ['tail']],
  ['loopwire serve --tls', ['--tls-self-signed', '--tls-cert', '--tls-key'], ['--token-file']],
  ['loopwire serve --insecure --p', ['--port', '--pretty', '--proxies'], ['--tty']],
  ['loopwire exec ws://127.0.0.1:1 --t', ['--tty', '--timeout', '--token-file'], ['--tls-cert']],
  ['loopwire ports ws://127.0.0.1:1 --w', ['--watch'], ['--json']],
  ['loopwire ports ws://127.0.0.1:1 r', ['rotate', 'remove'], ['serve']],
  ['loopwire completion ', ['bash', 'zsh', 'fish'], ['serve']],
  ['loopwire serve --token-file tok', ['token-of-the-test'], ['token-directory-not/x']],
  ['loopwire serve --workspace tok', ['token-directory'], ['token-of-the-test']],
  ['loopwire exec ws://h -- tok', ['token-of-the-test'], ['--tty']],
];

async function script(shell) {
  const { code, out, errors } = await run(['completion', shell]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const name = path.join(folder, `completion.${shell}`);
  fs.writeFileSync(name, out);
  fs.writeFileSync(path.join(folder, 'token-of-the-test'), '');
  fs.mkdirSync(path.join(folder, 'token-directory'), { recursive: true });
  return name;
}

function check(typed, offered, [all, none]) {
  const names = offered.map((one) => one.replace(/[/ ]+$/, ''));
  for (const one of all)
    expect({ typed, names }).toMatchObject({ names: expect.arrayContaining([one]) });
  for (const one of none)
    expect({ typed, one: names.includes(one) }).toEqual({ typed, one: false });
}

needs('bash').test('bash completes commands, options, files and directories', async () => {
  const name = await script('bash');
  for (const [typed, ...expected] of CASES) {
    // The words as readline has them: it breaks them at colons.
    const words = typed.split(/ |(?<=:)|(?=:)/);
    const text = `
      source "$1"; shift; cd "$1"; shift
      compopt() { [ "$2" != default ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); }
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _loopwire; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['--norc', '-c', text, 'bash', name, folder, ...words];
    const offered = execFileSync(tool('bash'), args).toString().trim().split('\n');
    check(typed, offered, expected);
  }
});

/** What a shell shows on a terminal when a line and a tab are typed into it. */
async function typedInto(command, setUp, typed) {
  const { openWorkspace, shutdown } = require('../..');
  const workspace = openWorkspace(folder, { watch: 'onDemand' });
  try {
    const terminal = await workspace.terminal({ command, cols: 200, rows: 50 });
    let text = '';
    let typedAt;
    const seen = (async () => {
      for await (const piece of terminal.output) {
        text += piece.toString();
        if (typedAt === undefined && text.includes('ready-for-it')) {
          typedAt = text.length;
          terminal.write(typed);
        }
        if (typedAt !== undefined && text.includes('the-end', typedAt)) return text.slice(typedAt);
      }
      return text;
    })();
    terminal.write(`${setUp}; echo ready-for'-'it\n`);
    return await seen;
  } finally {
    await workspace.close();
    await shutdown();
  }
}

needs('bash').test('a tab in bash completes what is typed', async () => {
  const name = await script('bash');
  const setUp = `PS1=; bind "set bell-style none"; source ${name}; loopwire() { printf '<%s>' "$@"; }`;
  const text = await typedInto(
    'bash --norc --noprofile -i',
    setUp,
    "loopwire ser\t--workspa\ttoken-d\t; echo the'-'end\n",
  );
  expect(text).toContain('<serve><--workspace><token-directory/>');
});

needs('zsh').test(
  'zsh completes commands, options, files and directories',
  async () => {
    const name = await script('zsh');
    // `compadd -O` gives what would be offered, without a screen.
    const harness = `
    autoload -U compinit; compinit -u -D; source "$1"; cd "$2"
    zmodload zsh/zpty
    zpty -b z 'PS1= ZDOTDIR=/nonexistent zsh -f -i'
    zpty -w z "autoload -U compinit; compinit -u -D; source $1; cd $2; bindkey '^I' complete-word"
    zpty -w z 'comp() { compadd() { if [[ \${@[(I)-[OAD]]} -gt 0 ]]; then builtin compadd "$@"; return; fi; local -a found; builtin compadd -O found "$@"; local one; for one in $found; do print -r -- "offer:$one"; done; builtin compadd "$@" }; _main_complete }'
    zpty -w z 'zle -C comp complete-word comp; bindkey "^I" comp; print ready-for"-"it'
    zpty -r z text '*ready-for-it*'
    zpty -w -n z "$3"$'\\t'
    sleep 0.7
    zpty -w -n z $'\\C-U'
    zpty -w z 'print the"-"end'
    zpty -r z text '*the-end*'
    print -r -- "$text"`;
    for (const [typed, ...expected] of CASES) {
      const args = ['-f', '-c', harness, 'zsh', name, folder, typed];
      const text = execFileSync(tool('zsh'), args, { timeout: 20_000 }).toString();
      const offered = [...text.matchAll(/offer:([^\r\n]+)/g)].map(([, one]) => one);
      check(typed, offered, expected);
    }
  },
  90_000,
);

needs('fish').test('fish completes commands, options, files and directories', async () => {
  const name = await script('fish');
  for (const [typed, ...expected] of CASES) {
    const text = `source ${name}; cd ${folder}; complete -C ${JSON.stringify(typed)}`;
    const lines = execFileSync(tool('fish'), ['--no-config', '-c', text]).toString().split('\n');
    check(
      typed,
      lines.map((line) => line.split('\t')[0]),
      expected,
    );
  }
});

test('every option and every command has a place in each script', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const text = fs.readFileSync(await script(shell), 'utf8');
    for (const [command, { options }] of Object.entries(COMMANDS)) {
      expect(text).toContain(command);
      for (const option of Object.keys(options)) expect(text).toContain(option);
    }
  }
});

test('another shell is not known', async () => {
  expect(await run(['completion', 'fihs'])).toMatchObject({
    code: 2,
    errors: expect.stringContaining('there is no shell fihs; did you mean fish?'),
  });
  expect(await run(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    errors: expect.stringContaining('there is no shell tcsh; there are bash, zsh, fish'),
  });
  expect(await run(['completion'])).toMatchObject({
    code: 2,
    errors: expect.stringContaining('SHELL is missing'),
  });
});
