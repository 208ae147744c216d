// `loopwire serve`: the lines to paste, as on each platform, and ports that are forwarded through the proxy of a URL.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { quoted, quotedForPowerShell } = require('../../lib/cli/quote.js');
const { announce } = require('../../lib/cli/serve/announce.js');
const { LINUX } = require('../../lib/cli/terminal/exit-code.js');
const { freePort } = require('../support/channel/sockets.cjs');
const {
  bin,
  environment,
  file,
  finished,
  loopwire: command,
} = require('../support/process/command-line.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { run } = require('../support/process/program.cjs');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const posix = when(process.platform !== 'win32', 'signals of Unix');
const LONG = 90_000;

/** A folder with a program `loopwire`, as npm makes one, and a workspace. */
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-paste-'));
const programs = path.join(place, 'programs');
fs.mkdirSync(programs);
afterAll(() => fs.rmSync(place, { recursive: true, force: true }));

/** Pastes a line into a shell that is somewhere else. */
function paste(shell, line, variables = {}) {
  fs.rmSync(path.join(programs, 'loopwire'), { force: true });
  fs.symlinkSync(bin, path.join(programs, 'loopwire'));
  const PATH = `${programs}:${path.dirname(process.execPath)}:${process.env.PATH}`;
  const options = { cwd: os.tmpdir(), env: environment({ ...variables, PATH }) };
  return run(tool(shell), [...PLAIN[shell], '-c', line], options);
}

/** No files of this user. */
const PLAIN = { sh: [], bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] };

/** The same to its end. */
async function pasted(...args) {
  const child = paste(...args);
  child.process.stdin.end();
  const { code, errors } = await child.ended;
  return { code, errors, lines: child.drain() };
}

/** What it prints before `ports`, which is the last: a name, and a line for each. */
async function serving(args, options) {
  const folder = fs.mkdtempSync(path.join(place, "a workspace's "));
  const rest = ['--workspace', folder, '--forward', `${await freePort()}=direct:`];
  const server = command(['serve', '--pretty', ...rest, ...args], options);
  const lines = await server.until((line) => line.startsWith('ports '));
  const next = Object.fromEntries(lines.map((line) => line.split(/ {2,}/)));
  // The port is forwarded behind that.
  await server.pass((line) => line.includes('forwardListCompleted'));
  return { server, folder, next };
}

async function tryAll(shell, { server, folder, next }, variables) {
  fs.writeFileSync(path.join(folder, 'listed-by-ls'), '');
  expect(await pasted(shell, next['a command'], variables)).toEqual({
    code: 0,
    errors: '',
    lines: ['listed-by-ls'],
  });
  const ports = await pasted(shell, next.ports, variables);
  expect(ports).toMatchObject({ code: 0, errors: '' });
  expect(ports.lines).toHaveLength(2);
  const tail = await pasted(shell, `${next.events} --replay --count 1 --quiet`, variables);
  expect(tail).toMatchObject({ code: 0, errors: '', lines: [expect.stringMatching(/^\{"type":/)] });
  // One that still runs when somebody attaches to it: from a shell that only has to change a word.
  const terminal = paste(
    shell,
    `${next['a command'].slice(0, -2)} 'echo begun; read x'`,
    variables,
  );
  expect(await terminal.next()).toBe('begun');
  const attach = paste(shell, next.events.replace('loopwire tail', 'loopwire attach'), variables);
  expect(await attach.next()).toBe('begun');
  terminal.tell('x');
  expect(await attach.ended).toEqual({ code: 0, signal: null, errors: '' });
  expect(await terminal.ended).toEqual({ code: 0, signal: null, errors: '' });
  server.process.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
}

describe('the lines that it prints for a person can be pasted', () => {
  const shells = ['sh', 'bash', 'zsh', 'fish'];
  for (const shell of shells) {
    needs(shell).test(
      `into ${shell}, with a generated token and TLS`,
      async () => tryAll(shell, await serving(['--tls-self-signed'])),
      LONG,
    );
    needs(shell).test(
      `into ${shell}, with a token file of a strange name, relative to another directory`,
      async () => {
        const token = file("a token's $HOME", `${TOKEN}\n`);
        const more = ['--token-file', path.basename(token)];
        await tryAll(shell, await serving(more, { cwd: path.dirname(token) }));
      },
      LONG,
    );
  }

  posix.test('into a shell that has the variable', async () => {
    await tryAll('sh', await serving([], { env }), env);
  });

  const v6 = Object.values(os.networkInterfaces()).flat();
  const here = v6.some(({ address }) => address === '::1') ? needs('zsh') : when(false, 'IPv6');
  here.test('into zsh, with an address whose brackets are a pattern there', async () => {
    await tryAll('zsh', await serving(['--host', '::1', '--tls-self-signed']));
  });
});

const isCompleted = (line) => line.includes('forwardListCompleted');

test('a port is forwarded through the proxy of a URL, whose password is nowhere to be seen', async () => {
  const password = 'a-password-that-nobody-may-see';
  const proxy = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const [first, second] = [await freePort(), await freePort()];
  const url = `http://user:${password}@127.0.0.1:${proxy.address().port}`;
  const forwards = ['--forward', `${first}=${url}`, '--forward', `${second}=direct:`];
  const child = command(['serve', '--json', ...forwards], { env });
  const heard = [...(await child.until(isCompleted)), ...(await child.until(isCompleted))];
  expect(heard.join('\n')).toContain(`"forwarded":[${first}]`);
  const cmdline = `/proc/${child.process.pid}/cmdline`;
  // Only Linux has that file.
  const shown = fs.existsSync(cmdline) ? fs.readFileSync(cmdline, 'utf8') : '';
  expect(shown).not.toContain(password);
  child.process.kill('SIGTERM');
  const { errors } = await child.ended;
  expect(errors).toContain('warning: a password in --forward');
  expect(errors + heard.join('')).not.toContain(password);
  const gone = proxy.address().port;
  await new Promise((resolve) => proxy.close(resolve));
  const failed = await finished(
    ['serve', '--forward', `${first}=http://u:${password}@127.0.0.1:${gone}`],
    { env },
  );
  expect(failed.code).toBe(1);
  expect(failed.errors).toContain(`port ${first} is not forwarded: `);
  expect(failed.errors + failed.lines.join('')).not.toContain(password);
});

const LISTENER = { url: 'ws://127.0.0.1:8881/ws/abc', host: '127.0.0.1', port: 8881 };

/** The lines to paste, as on that platform. */
function printed(platform, more = {}) {
  const wanted = { options: {}, forwards: [1], workspace: '/w', ...more };
  const told = { token: 'generated', wanted, pretty: true, isTerminal: true, platform };
  const rows = announce(LISTENER, told)
    .trimEnd()
    .split('\n')
    .map((row) => row.split(/ {2,}/));
  const { events, ports, 'a command': command } = Object.fromEntries(rows);
  return { events, ports, command };
}

test('the lines are for a POSIX shell', () => {
  expect(printed('linux')).toEqual({
    events: 'LOOPWIRE_TOKEN=generated loopwire tail ws://127.0.0.1:8881',
    command: 'LOOPWIRE_TOKEN=generated loopwire exec ws://127.0.0.1:8881 -- ls',
    ports: 'LOOPWIRE_TOKEN=generated loopwire ports ws://127.0.0.1:8881',
  });
});

test('on Windows they are for PowerShell', () => {
  expect(printed('win32')).toEqual({
    events: "$env:LOOPWIRE_TOKEN='generated'; loopwire tail ws://127.0.0.1:8881",
    command: "$env:LOOPWIRE_TOKEN='generated'; loopwire exec ws://127.0.0.1:8881 '--' dir",
    ports: "$env:LOOPWIRE_TOKEN='generated'; loopwire ports ws://127.0.0.1:8881",
  });
  const tokenFile = path.resolve("a token's file");
  expect(printed('win32', { token: 'given', tokenFile }).events).toBe(
    `loopwire tail ws://127.0.0.1:8881 --token-file '${tokenFile.replace("'", "''")}'`,
  );
});

test.each([
  ['plain-1.2', 'plain-1.2', 'plain-1.2'],
  ['C:\\a', "'C:\\a'", 'C:\\a'],
  ['a,b@c%', 'a,b@c%', "'a,b@c%'"],
  ["it's", "'it'\\''s'", "'it''s'"],
  ['it\u2019s $x', "'it\u2019s $x'", "'it\u2019\u2019s $x'"],
  ['ws://[::1]:1', "'ws://[::1]:1'", "'ws://[::1]:1'"],
])('%s is a word for both', (text, posix, powerShell) => {
  expect([quoted(text), quotedForPowerShell(text)]).toEqual([posix, powerShell]);
});

const linux = process.platform === 'linux' ? test : test.skip;
linux('the signals of Linux have its numbers', () => {
  expect(os.constants.signals).toMatchObject(LINUX);
});
