// `loopwire serve`: the lines to paste, and ports that are forwarded through the proxy of a URL.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { freePort } = require('../support/channel/sockets.cjs');
const { bin, file, finished, loopwire: command } = require('../support/process/command-line.cjs');
const { when } = require('../support/needs.cjs');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const posix = when(process.platform !== 'win32', 'signals of Unix');
const LONG = 90_000;

posix.test.each([
  ['a generated token', () => [], {}],
  ['a token file', () => ['--token-file', file("a token's", `${TOKEN}\n`)], {}],
  ['a variable', () => [], env],
])(
  'the lines that it prints for a person can be pasted, with %s',
  async (_, more, variables) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-paste-'));
    const args = ['serve', '--pretty', '--workspace', folder, '--tls-self-signed', ...more()];
    const server = command(args, { env: variables });
    const lines = await server.until((line) => line.startsWith('a command '));
    const pasted = lines
      .map((line) => /^(?:events|a command) +(.*)$/.exec(line)?.[1])
      .filter(Boolean);
    expect(pasted).toHaveLength(2);
    const shell = `loopwire() { "${process.execPath}" "${bin}" "$@"; }; `;
    const { LOOPWIRE_TOKEN: __, ...rest } = process.env;
    const pasteAndRun = (line) =>
      spawnSync('sh', ['-c', `${shell}${line}`], {
        input: '',
        env: { ...rest, ...variables },
      });
    fs.writeFileSync(path.join(folder, 'listed-by-ls'), '');
    const { status: code, stdout, stderr } = pasteAndRun(pasted[1]);
    expect({ code, out: stdout.toString(), errors: stderr.toString() }).toEqual({
      code: 0,
      out: 'listed-by-ls\n',
      errors: '',
    });
    // The other one has the same words, and would run for ever.
    expect(`${pasted[0].replace('loopwire tail', 'loopwire exec')} -- ls`).toBe(pasted[1]);
    server.process.kill('SIGTERM');
    await server.ended;
    fs.rmSync(folder, { recursive: true, force: true });
  },
  LONG,
);

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
