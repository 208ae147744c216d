// Text files of the command line, as editors leave them: a byte order mark, other line ends, UTF-16.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { request } = require('../support/channel/client.cjs');
const { file, finished, loopwire: command } = require('../support/process/command-line.cjs');
const { freePort } = require('../support/channel/sockets.cjs');

const TOKEN = 'a-token-for-the-tests';
const MARK = '\uFEFF';
const pem = fs.readFileSync(path.join(__dirname, '..', 'support', 'untrusted.pem'), 'utf8');
const [key] = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?PRIVATE KEY-----/.exec(pem);
const [cert] = /-----BEGIN CERTIFICATE-----[^]*?END CERTIFICATE-----/.exec(pem);

/** A text in the encoding that Windows calls Unicode. */
const wide = (text) => Buffer.from(MARK + text, 'utf16le');

/** What an editor may make of a text. */
const FORMS = [
  ['a byte order mark', (text) => MARK + text],
  ['a byte order mark and CRLF', (text) => MARK + text.replaceAll('\n', '\r\n')],
  ['empty lines around it', (text) => `\r\n\n${text}\n\r\n`],
];

async function serving(args, env = {}) {
  const child = command(['serve', '--json', ...args], { env });
  return JSON.parse(await child.next());
}

describe.each(FORMS)('with %s', (_, form) => {
  test('a token file is read', async () => {
    const server = await serving(['--token-file', file('token', form(`${TOKEN}\n`))]);
    const { status } = await request(server, 'GET', '/ws/connection', { token: TOKEN });
    expect(status).toBe(200);
  });

  test('certificate, key, list and authorities are read', async () => {
    const port = await freePort();
    const list = `${JSON.stringify([{ id: 'mine', protocol: 'direct' }])}\n`;
    const args = ['--tls-cert', file('cert.pem', form(`${cert}\n`))];
    args.push('--tls-key', file('key.pem', form(`${key}\n`)));
    args.push('--proxies', file('list.json', form(list)), '--forward', `${port}=mine`);
    const server = await serving(args, { LOOPWIRE_TOKEN: TOKEN });
    const ca = file('ca.pem', form(`${cert}\n`));
    const tail = ['tail', `wss://127.0.0.1:${server.port}`, '--replay', '--count', '1', '--ca', ca];
    const { code, errors, lines } = await finished(tail, { env: { LOOPWIRE_TOKEN: TOKEN } });
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(lines[0]).toContain('settingPortChange');
  });
});

test.each([
  ['a token file', (name) => ['serve', '--token-file', name], TOKEN],
  ['a list', (name) => ['serve', '--proxies', name], '[]'],
  ['a certificate', (name) => ['serve', '--tls-cert', name, '--tls-key', file('k', key)], cert],
  ['a key', (name) => ['serve', '--tls-cert', file('c', cert), '--tls-key', name], key],
  ['a CA file', (name) => ['tail', 'wss://127.0.0.1:1', '--ca', name], cert],
])('%s in UTF-16 is named as that', async (_, args, text) => {
  const name = file('text', wide(text));
  const { code, errors } = await finished(args(name), { env: { LOOPWIRE_TOKEN: TOKEN } });
  expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining('UTF-16') });
  expect(errors).not.toMatch(/\n\s+at /);
});

test('a block that is not read is named by its number', async () => {
  const args = ['--tls-cert', file('cert.pem', `${cert}\nx${cert}\n`)];
  args.push('--tls-key', file('key.pem', key));
  const { code, errors } = await finished(['serve', ...args], { env: { LOOPWIRE_TOKEN: TOKEN } });
  expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining('block 2 ') });
});
