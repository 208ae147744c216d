// The command line: help, version, wrong arguments, tokens, exit codes.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const manifest = require('../../package.json');
const { COMMANDS } = require('../../lib/cli/commands.js');
const { nearest } = require('../../lib/cli/arguments.js');
const { target } = require('../../lib/cli/connect/target.js');
const { file, finished } = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');

const SECRET = 'secret-that-nobody-may-see';
/** For a dozen processes, one after the other. */
const LONG = 90_000;

test('--version prints the version of the package', async () => {
  for (const args of [['--version'], ['-v'], ['-V']]) {
    expect(await finished(args)).toMatchObject({ code: 0, lines: [manifest.version], errors: '' });
  }
});

test('--help names every command, every option and the exit codes, on standard output', async () => {
  const { code, lines, errors } = await finished(['--help']);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  for (const name of Object.keys(COMMANDS)) expect(lines.join('\n')).toContain(`\n  ${name} `);
  expect(lines.join('\n')).toMatch(/LOOPWIRE_TOKEN[^]*NO_COLOR[^]*Exit codes: 0 /);
  expect((await finished(['-h'])).lines).toEqual(lines);
  expect((await finished(['help'])).lines).toEqual(lines);
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    const own = await finished([name, '--help']);
    expect(own).toMatchObject({ code: 0, errors: '' });
    for (const option of Object.keys(options))
      expect(own.lines.join('\n')).toContain(`--${option}`);
    expect((await finished(['help', name])).lines).toEqual(own.lines);
    expect((await finished([name, '-h'])).lines).toEqual(own.lines);
    for (const line of own.lines) expect(line.length).toBeLessThanOrEqual(120);
  }
});

test('without a command the help is a complaint', async () => {
  const { code, lines, errors } = await finished([]);
  expect({ code, lines }).toEqual({ code: 2, lines: [] });
  expect(errors).toContain('Usage: loopwire COMMAND');
});

test.each([
  [['tial'], 'there is no command tial; did you mean tail?'],
  [['xyzzy'], 'there is no command xyzzy; there are serve, tail, exec'],
  [['--versoin'], 'there is no option --versoin; did you mean --version?'],
  [['serve', '--prot', '1'], 'there is no option --prot; did you mean --port?'],
  [['serve', '--tls-selfsigned'], 'did you mean --tls-self-signed?'],
  [['tail', 'ws://h', '--finger', 'aa'], 'did you mean --fingerprint?'],
  [['tail', 'ws://h', '-x'], 'there is no option -x'],
  [['tail'], 'URL is missing; usage: loopwire tail URL'],
  [['tail', 'ws://h', 'more'], 'there is one argument too many'],
  [['serve', 'dir'], 'there is one argument too many'],
  [['serve', '--port'], '--port needs a value: --port N'],
  [['serve', '--port', '--json'], '--port needs a value'],
  [['serve', '--port=65536'], '--port must be a whole number from 0 to 65535'],
  [['serve', '--port=-1'], '--port must be a whole number'],
  [['serve', '--port=1e3'], '--port must be a whole number'],
  [['serve', '--heartbeat', '0'], '--heartbeat must be a whole number from 1 to 3600'],
  [['serve', '--heartbeat=2.5'], '--heartbeat must be a whole number'],
  [['serve', '--port=1', '--port=2'], '--port was given twice'],
  [['serve', '--json=yes'], '--json takes no value'],
  [['serve', '--json', '--pretty'], '--json and --pretty exclude each other'],
  [['serve', '--tls-cert', 'a'], '--tls-cert and --tls-key belong together'],
  [['serve', '--tls-self-signed', '--tls-cert', 'a', '--tls-key', 'b'], 'exclude each other'],
  [['serve', '--forward', '60000=http://'], 'the URL of the proxy is invalid'],
  [['serve', '--forward', '60000=a'], '--forward PORT=ID needs --proxies'],
  [['serve', '--forward', '60000', '--proxies', 'f'], '--forward must be PORT=URL'],
  [['serve', '--forward', '0=a', '--proxies', 'f'], '--forward PORT must be a whole number from 1'],
  [['tail', 'ws://h'], 'there is no token: give --token-file FILE, or set LOOPWIRE_TOKEN'],
  [['tail', 'ftp://h'], 'a URL must be ws://HOST:PORT'],
  [['tail', 'no url'], 'the URL is invalid'],
  [['tail', 'ws://h', '--count', '0'], '--count must be a whole number from 1'],
])('%j is not understood: %s', async (args, sentence) => {
  const { code, lines, errors } = await finished(args);
  expect(errors).toContain(`loopwire: `);
  expect(errors).toContain(sentence);
  expect({ code, lines }).toEqual({ code: 2, lines: [] });
});

test.each([
  [['tail', 'ws://h', `--token=${SECRET}`], 'there is no option --token'],
  [['tail', 'ws://h', '--token', SECRET], 'there is no option --token'],
  [['serve', '--token', SECRET], 'there is no option --token'],
  [[`ws://h/ws/${SECRET}`], 'a URL comes after the command'],
  [['tail', `ws://u:${SECRET}@h`], 'the URL must not have a user name'],
  [['tail', `ws://h:port/ws/${SECRET}`], 'the URL is invalid'],
  [['tail', `ws://h/ws/${SECRET}?token=other`], 'two different tokens'],
  [['tail', `ws://h/ws/${SECRET}`, '--token-file', 'f'], 'exclude each other'],
  [['tail', `ws://h/?token=${SECRET}!`], 'the token in the URL is invalid'],
])('%j is refused without being shown: %s', async (args, sentence) => {
  const { code, lines, errors } = await finished(args, { env: { LOOPWIRE_TOKEN: SECRET } });
  expect(errors).toContain(sentence);
  expect(errors).not.toContain(SECRET);
  expect({ code, lines }).toEqual({ code: 2, lines: [] });
});

test.each([
  ['a token file that is missing', () => '/nowhere/token', 'the token file cannot be read'],
  ['an empty token file', () => file('token', '\n'), 'is empty'],
  [
    'a token file with two lines',
    () => file('token', `${SECRET}\n${SECRET}\n`),
    'holds no valid token',
  ],
  ['a token file of megabytes', () => file('token', 'x'.repeat(1e6)), 'is larger than 4096 bytes'],
  ['a token file that is a directory', () => os.tmpdir(), 'is a directory, not a regular file'],
])('%s is an error of the run', async (_, make, sentence) => {
  for (const args of [['tail', 'ws://127.0.0.1:1'], ['serve']]) {
    const { code, errors } = await finished([...args, '--token-file', make()]);
    expect(errors).toMatch(/^loopwire: /);
    expect(errors).toContain(sentence);
    expect(errors).not.toContain(SECRET);
    // Without a stack: it is no fault of the program.
    expect(errors).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  }
});

when(process.platform !== 'win32', 'named pipes').test(
  'a path to what is no regular file is refused at once, wherever one is given',
  async () => {
    const pipe = path.join(path.dirname(file('beside', '')), 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const token = file('token', SECRET);
    const text = file('text', 'x');
    for (const [odd, kind] of [
      [pipe, 'a named pipe'],
      ['/dev/zero', 'a device'],
      [path.dirname(text), 'a directory'],
    ]) {
      for (const args of [
        ['tail', 'ws://127.0.0.1:1', '--token-file', odd],
        ['tail', 'wss://127.0.0.1:1', '--token-file', token, '--ca', odd],
        ['serve', '--token-file', odd],
        ['serve', '--token-file', token, '--proxies', odd],
        ['serve', '--token-file', token, '--tls-cert', odd, '--tls-key', text],
        ['serve', '--token-file', token, '--tls-cert', text, '--tls-key', odd],
      ]) {
        const { code, errors } = await finished(args);
        expect([args, errors]).toEqual([
          args,
          expect.stringContaining(`${odd} is ${kind}, not a regular file`),
        ]);
        expect(errors).not.toMatch(/\n\s+at /);
        expect(code).toBe(1);
      }
    }
  },
  LONG,
);

test('an invalid LOOPWIRE_TOKEN is an error, and is not shown', async () => {
  for (const [value, sentence] of [
    ['', 'LOOPWIRE_TOKEN is empty'],
    [`${SECRET} ${SECRET}`, 'LOOPWIRE_TOKEN holds no valid token'],
  ]) {
    const { code, errors } = await finished(['serve'], { env: { LOOPWIRE_TOKEN: value } });
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining(sentence) });
    expect(errors).not.toContain(SECRET);
  }
});

when(process.platform !== 'win32', 'Unix').test(
  'a token file that others may read is warned of',
  async () => {
    const args = ['tail', 'ws://127.0.0.1:1', '--token-file'];
    const open = await finished([...args, file('token', `${SECRET}\r\n`, 0o644)]);
    expect(open.errors).toContain('other users may read');
    const closed = await finished([...args, file('token', SECRET, 0o600)]);
    expect(closed.errors).not.toContain('other users may read');
    for (const { code, errors } of [open, closed]) {
      expect(errors).toContain('ws://127.0.0.1:1: nothing listens on this port');
      expect(errors).not.toContain(SECRET);
      expect(code).toBe(1);
    }
  },
);

test('the nearest name is one that could be meant', () => {
  const names = Object.keys(COMMANDS.serve.options);
  for (const [typed, meant] of [
    ['wrokspace', 'workspace'],
    ['allow-host', 'allowed-host'],
    ['tls-crt', 'tls-cert'],
    ['self-signed', undefined],
    ['q', undefined],
  ]) {
    expect([typed, nearest(typed, names)]).toEqual([typed, meant]);
  }
});

test('a URL gives up its token in every form, and keeps its other flags', () => {
  const plain = { secure: false, host: 'h', port: 80, path: '/ws', exposed: true };
  for (const [url, wanted] of [
    ['ws://h', { token: undefined }],
    [`ws://h/ws/${SECRET}`, {}],
    [`http://h/ws?token=${SECRET}`, {}],
    [`ws://h/?token=${SECRET}&v=1&binary=true`, {}],
    [`wss://h/?token=${SECRET}`, { secure: true, port: 443, exposed: false }],
    [`https://h:8443/ws/${SECRET}#x`, { secure: true, port: 8443, exposed: false }],
    [
      `ws://127.0.0.1:81/behind/ws/${SECRET}`,
      { host: '127.0.0.1', port: 81, path: '/behind/ws', exposed: false },
    ],
    [
      `ws://[::1]:81/ws?silent=true&token=${SECRET}`,
      { host: '::1', port: 81, path: '/ws?silent=true', exposed: false },
    ],
    [`ws://h/ws/${SECRET}?epoch=e&since=7`, { epoch: 'e', since: '7' }],
  ]) {
    expect([url, target(url)]).toEqual([url, { ...plain, token: SECRET, ...wanted }]);
  }
});

test('the program of the package is the one that is tested, and may be run', () => {
  expect(manifest.bin).toEqual({ loopwire: 'bin/loopwire.js' });
  const text = fs.readFileSync('bin/loopwire.js', 'utf8');
  expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
  const sources = fs.readdirSync('lib', { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const name of sources) expect(manifest.files).toContain(`lib/${name.replaceAll('\\', '/')}`);
});
