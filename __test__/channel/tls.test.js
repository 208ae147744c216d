// A listener over TLS: clients of other authors, invalid certificates, and clients without TLS.
'use strict';

const crypto = require('node:crypto');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { once } = require('node:events');
const WebSocket = require('ws');
const loopwire = require('../..');
const { listeners } = require('../support/channel/client.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { run } = require('../support/process/program.cjs');

const start = listeners(loopwire);
const TOKEN = loopwire.generateToken();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-tls-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A certificate by openssl: its PEM and its key's. */
function made(
  name,
  { days = '30', subject = 'DNS:my.test,IP:127.0.0.1', key = 'ec:P-256', more = [] } = {},
) {
  const file = (kind) => path.join(folder, `${name}.${kind}`);
  const kind = key.startsWith('ec')
    ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    : ['-newkey', key];
  const request = [
    'req',
    '-x509',
    '-nodes',
    ...kind,
    '-days',
    days,
    '-subj',
    '/CN=my.test',
    ...more,
  ];
  const out = ['-keyout', file('key'), '-out', file('pem'), '-addext', `subjectAltName=${subject}`];
  execFileSync(tool('openssl'), [...request, ...out], { stdio: 'pipe' });
  const read = (kind) => fs.readFileSync(file(kind), 'utf8');
  return { cert: read('pem'), key: read('key'), file };
}

const secure = (options) => start({ tls: 'self-signed', ...options }, TOKEN);
const trusting = (listener) => ({ ca: listener.certificate });

/** Opens a `ws`; resolves with it and its messages. */
async function open(url, options, protocols = []) {
  const socket = new WebSocket(url, protocols, options);
  const messages = [];
  socket.on('message', (data) => messages.push(data.toString()));
  await once(socket, 'open');
  return {
    socket,
    messages,
    next: async (count) => {
      while (messages.length < count) await once(socket, 'message');
      return messages;
    },
  };
}

describe('a self-signed listener', () => {
  test('offers its certificate and its fingerprint, and wss as its URL', () => {
    const listener = secure();
    expect(listener.url).toBe(`wss://127.0.0.1:${listener.port}/ws/${TOKEN}`);
    const certificate = new crypto.X509Certificate(listener.certificate);
    expect(listener.fingerprint).toBe(certificate.fingerprint256);
    expect(certificate.subjectAltName).toContain('DNS:localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(300);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(require('node:util').inspect(listener)).not.toContain(TOKEN);
  });

  test('one without TLS has neither', () => {
    const listener = start();
    expect([listener.certificate, listener.fingerprint]).toEqual([null, null]);
    expect(listener.url).toMatch(/^ws:/);
  });

  test('each listener has a certificate of its own, with the names that it is allowed', () => {
    const [one, other] = [secure({ allowedHosts: ['my.test:443', '192.0.2.7'] }), secure()];
    expect(one.fingerprint).not.toBe(other.fingerprint);
    const certificate = new crypto.X509Certificate(one.certificate);
    expect(certificate.checkHost('my.test')).toBe('my.test');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
  });

  test.each([
    ['the path', (at) => [`wss://${at}/ws/${TOKEN}`, {}, []]],
    ['the query', (at) => [`wss://${at}/?token=${TOKEN}`, {}, []]],
    ['the query of /ws', (at) => [`wss://${at}/ws?token=${TOKEN}`, {}, []]],
    ['a header', (at) => [`wss://${at}/ws`, { headers: { authorization: `Bearer ${TOKEN}` } }, []]],
    ['the sub-protocols', (at) => [`wss://${at}/ws`, {}, ['loopwire.v1', `bearer.${TOKEN}`]]],
  ])('admits a token in %s', async (_, way) => {
    const listener = secure();
    const [url, options, protocols] = way(`localhost:${listener.port}`);
    const client = await open(url, { ...options, ...trusting(listener) }, protocols);
    client.socket.send(JSON.stringify({ type: 'ping' }));
    await client.next(1);
    loopwire.emit('my:event', 'text');
    const all = client.messages;
    const has = (part) => all.some((text) => text.includes(part));
    while (!has('"type":"pong"') || !has('"my:event","payload":"text"')) {
      await once(client.socket, 'message');
    }
    client.socket.close();
    await once(client.socket, 'close');
  });

  test('pings in the interval of the page, and takes large messages in both directions', async () => {
    const large = 'x'.repeat(1 << 20);
    const got = [];
    const onMessage = (data) => got.push(data.length);
    const listener = secure({ heartbeatMs: 200, onMessage });
    const url = `wss://127.0.0.1:${listener.port}/?token=${TOKEN}`;
    const client = await open(url, trusting(listener));
    const [ping] = await client.next(1);
    expect(ping).toBe('{"type":"ping"}');
    client.socket.send(JSON.stringify({ type: 'pong' }));
    client.socket.send(large);
    const [connection] = listener.connections();
    listener.send(connection.id, large);
    while (!client.messages.includes(large)) await once(client.socket, 'message');
    // It was sent before: the pings that follow tell when it must have come.
    while (got.length === 0) await once(client.socket, 'message');
    expect(got).toEqual([1 << 20]);
  });

  test('serves its routes', async () => {
    const listener = secure();
    const answer = await new Promise((resolve, reject) => {
      const options = { port: listener.port, path: '/health', agent: false, ...trusting(listener) };
      https.get(options, (response) => response.on('data', resolve)).on('error', reject);
    });
    expect(answer.toString()).toBe('{"success":true}');
  });

  test('a client that trusts no certificate refuses the connection', async () => {
    const listener = secure();
    const socket = new WebSocket(listener.url);
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('an address that others reach needs nothing else', async () => {
    const listener = secure({ host: '0.0.0.0' });
    const client = await open(listener.url, trusting(listener));
    client.socket.close();
    const host = '0.0.0.0';
    expect(() => start({ host })).toThrow(expect.objectContaining({ code: 'ERR_INSECURE_HOST' }));
  });

  test('close codes work over TLS, too', async () => {
    const listener = secure();
    const client = await open(listener.url, trusting(listener));
    const closed = once(client.socket, 'close');
    await listener.close();
    expect((await closed)[0]).toBe(1001);
  });
});

const good = () => made('good');

needs('openssl').describe('a certificate that is given', () => {
  test.each([
    ['EC', {}],
    ['RSA', { key: 'rsa:2048' }],
    ['Ed25519', { key: 'ed25519' }],
  ])(
    '%s keys are taken, as text and as bytes, and its names are allowed',
    async (name, options) => {
      const { cert, key } = made(`good-${name}`, options);
      const listener = start({ tls: { cert, key: Buffer.from(key) } }, TOKEN);
      expect(listener.fingerprint).toBe(new crypto.X509Certificate(cert).fingerprint256);
      const headers = { host: `my.test:${listener.port}` };
      const client = await open(listener.url, { ca: cert, headers });
      client.socket.close();
      const other = { ca: cert, headers: { host: `your.test:${listener.port}` } };
      await expect(open(listener.url, other)).rejects.toThrow('403');
    },
  );

  const cases = {
    'the key of another one': [
      () => ({ cert: good().cert, key: made('other').key }),
      'ERR_TLS_KEY_MISMATCH',
    ],
    'a file name for the certificate': [
      () => ({ cert: '/etc/ssl/cert.pem', key: good().key }),
      'ERR_TLS_CERT_INVALID',
    ],
    'a file name for the key': [
      () => ({ cert: good().cert, key: 'key.pem' }),
      'ERR_TLS_KEY_INVALID',
    ],
    'certificate and key the wrong way round': [
      () => ({ cert: good().key, key: good().cert }),
      'ERR_TLS_CERT_INVALID',
    ],
    'a torn certificate': [
      () => ({ cert: good().cert.slice(0, 200), key: good().key }),
      'ERR_TLS_CERT_INVALID',
    ],
    'rubbish between the lines': [
      () => ({ cert: good().cert.replace(/\n.{20}/, '\nAAAA'), key: good().key }),
      'ERR_TLS_CERT_INVALID',
    ],
    'an encrypted key': [
      () => {
        const { cert, file } = good();
        const args = ['pkey', '-in', file('key'), '-aes256', '-passout', 'pass:secret'];
        const key = execFileSync(tool('openssl'), args, { encoding: 'utf8' });
        return { cert, key };
      },
      'ERR_TLS_KEY_ENCRYPTED',
    ],
  };

  test.each(Object.entries(cases))('%s throws, and nothing is bound', async (_, [given, code]) => {
    const { cert, key } = given();
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    let error;
    try {
      loopwire.startEventListener(port, TOKEN, () => {}, { tls: { cert, key } });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code });
    for (const line of key.split('\n').filter((text) => text.length > 40)) {
      expect(error.message).not.toContain(line);
    }
    const again = net.createServer().listen(port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });
});

test.each([
  ['a boolean', true, 'ERR_INVALID_ARG_TYPE'],
  ['another word', 'auto', 'ERR_INVALID_ARG_VALUE'],
  ['a certificate alone', { cert: 'x' }, 'ERR_INVALID_ARG_VALUE'],
  ['a number for a key', { cert: 'x', key: 7 }, 'ERR_INVALID_ARG_TYPE'],
  ['an unknown part', { cert: 'x', key: 'y', ca: 'z' }, 'ERR_UNKNOWN_OPTION'],
  ['nothing in them', { cert: '', key: '' }, 'ERR_TLS_CERT_INVALID'],
])('tls: %s throws', (_, value, code) => {
  expect(() => start({ tls: value })).toThrow(expect.objectContaining({ code }));
});

describe('clients that others wrote', () => {
  needs('node22').test("Node's own WebSocket", async () => {
    const listener = secure();
    const ca = path.join(folder, 'node.pem');
    fs.writeFileSync(ca, listener.certificate);
    const code = `
      const ws = new WebSocket(${JSON.stringify(listener.url)});
      ws.onopen = () => console.log('open');
      ws.onmessage = ({ data }) => { console.log(data); ws.close(); };`;
    const child = run(tool('node22'), ['-e', code], { env: { NODE_EXTRA_CA_CERTS: ca } });
    expect(await child.next()).toBe('open');
    loopwire.emit('my:event', 'hello');
    expect(await child.next()).toBe('{"type":"my:event","payload":"hello"}');
    expect(await child.ended).toMatchObject({ code: 0 });
  });

  needs('curl').test('curl', async () => {
    const listener = secure();
    const ca = path.join(folder, 'curl.pem');
    fs.writeFileSync(ca, listener.certificate);
    const url = `https://localhost:${listener.port}/ws/connections`;
    const args = [
      '-sS',
      '--noproxy',
      '*',
      '--cacert',
      ca,
      '-H',
      `Authorization: Bearer ${TOKEN}`,
      url,
    ];
    const child = spawn(tool('curl'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    for await (const data of child.stdout) text += data;
    expect(JSON.parse(text)).toEqual({ success: true, connections: [] });
  });
});

/** Writes `bytes` to a bare socket; resolves when it was closed. */
async function closes(port, bytes) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  if (bytes) socket.write(bytes);
  await once(socket, 'close');
}

describe('clients that speak something else', () => {
  test.each([
    ['plain HTTP', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['rubbish', crypto.randomBytes(4096)],
    [
      'TLS 1.1',
      Buffer.from(`16030200310100002d0302${'00'.repeat(32)}000006c013002f00350100`, 'hex'),
    ],
    ['nothing at all', undefined],
    ['half a handshake', Buffer.from('16030101', 'hex')],
  ])(
    '%s is closed, and a good client comes in meanwhile',
    async (_, bytes) => {
      const listener = secure();
      const end = closes(listener.port, bytes);
      const client = await open(listener.url, trusting(listener));
      await end;
      client.socket.close();
      expect(listener.stats().refused).toBeGreaterThan(0);
    },
    60_000,
  );

  test.each([
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ])('%s: %s', async (version, spoken) => {
    const listener = secure();
    const socket = tls.connect({
      port: listener.port,
      host: '127.0.0.1',
      ca: listener.certificate,
      minVersion: version,
      maxVersion: version,
      // Without it OpenSSL does not even try what is that old.
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const outcome = new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false));
    });
    expect(await outcome).toBe(spoken);
    socket.destroy();
  });

  test('TLS on a plain port is closed', async () => {
    const listener = start({}, TOKEN);
    const socket = tls.connect({ port: listener.port, host: '127.0.0.1' });
    const [error] = await once(socket, 'error');
    expect(error).toBeDefined();
  });
});
