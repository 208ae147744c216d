// `loopwire tail` over TLS: trusted certificates, and the messages for others.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { file, finished, tcpProxy } = require('../support/process/command-line.cjs');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };
const start = listeners(loopwire);

describe('over TLS', () => {
  const pem = fs.readFileSync(path.join(__dirname, '..', 'support', 'untrusted.pem'), 'utf8');
  const identity = { cert: pem, key: pem };
  const { fingerprint256 } = new crypto.X509Certificate(pem);

  async function secure() {
    const through = await tcpProxy({ identity });
    const listener = start(
      { allowedHosts: [`127.0.0.1:${through.port}`, `localhost:${through.port}`] },
      TOKEN,
    );
    through.to = listener.port;
    loopwire.emit('my:event', 'x');
    return through;
  }

  test.each([
    ['its fingerprint with colons', () => ['--fingerprint', fingerprint256]],
    [
      'its fingerprint without',
      () => ['--fingerprint', fingerprint256.replaceAll(':', '').toLowerCase()],
    ],
    ['its own certificate as the authority', () => ['--ca', file('ca.pem', pem)]],
  ])('a self-signed server is trusted by %s', async (_, args) => {
    const { port } = await secure();
    const url = `wss://127.0.0.1:${port}`;
    const all = await finished(['tail', url, '--replay', '--count', '1', ...args()], { env });
    expect(all).toMatchObject({ code: 0, lines: [expect.stringContaining('"my:event"')] });
  });

  test('a fingerprint does without the name, an authority does not', async () => {
    const { port } = await secure();
    const url = `wss://localhost:${port}`;
    const args = ['tail', url, '--replay', '--count', '1'];
    const pinned = await finished([...args, '--fingerprint', fingerprint256], { env });
    expect(pinned).toMatchObject({ code: 0 });
    const named = await finished([...args, '--ca', file('ca.pem', pem)], { env });
    expect(named).toMatchObject({ code: 1, lines: [] });
  });

  test.each([
    ['nothing to trust it by', () => [], 'not signed by a trusted authority'],
    [
      'another fingerprint',
      () => ['--fingerprint', '00'.repeat(32)],
      `its fingerprint is ${fingerprint256}`,
    ],
    ['what is no fingerprint', () => ['--fingerprint', '00:11'], '64 hex digits'],
    ['a CA file that is missing', () => ['--ca', '/nowhere/ca.pem'], 'the CA file cannot be read'],
    [
      'a CA file without a certificate',
      () => ['--ca', file('ca.pem', 'nothing')],
      'holds no certificate',
    ],
  ])('with %s it ends with a sentence', async (_, args, sentence) => {
    const { port } = await secure();
    const { code, lines, errors } = await finished(
      ['tail', `wss://127.0.0.1:${port}`, '--wait', ...args()],
      { env },
    );
    expect(errors).toContain(sentence);
    expect(errors).not.toContain(TOKEN);
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
  });

  test('the wrong scheme is named', async () => {
    const through = await secure();
    const plain = await finished(['tail', `wss://127.0.0.1:${through.to}`], { env });
    expect(plain).toMatchObject({ code: 1, errors: expect.stringContaining('ws://') });
    const tls = await finished(['tail', `ws://127.0.0.1:${through.port}`], { env });
    expect(tls.code).toBe(1);
  });
});
