// What an error of forwarding says of its cause: the same as Node's own errors, and nothing of it in an event.
'use strict';

const { lookup } = require('node:dns').promises;
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { inspect } = require('node:util');
const { needs } = require('../../support/needs.cjs');
const { authority } = require('../../support/forward/certificates.cjs');
const {
  after,
  deadPort,
  entry,
  event,
  forwarding,
  loopwire,
  provide,
  tcp,
} = require('../../support/forward/forwarding.cjs');

/** What a Promise rejects with. */
async function failure(promise) {
  const [{ status, reason }] = await Promise.allSettled([promise]);
  expect(status).toBe('rejected');
  return reason;
}

/** What Node's own error has, in the form that it is compared in. */
const facts = ({ message, code, errno, syscall, address, port, hostname, path: file }) => ({
  message,
  code,
  errno,
  syscall,
  address,
  port,
  hostname,
  path: file,
});

/** Forwards an upstream that fails, and gives the error and the events. */
async function failed(upstream) {
  const { heard, start } = await forwarding();
  const error = await failure(loopwire.forward({ port: start, upstream }));
  await heard.count(1);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ code: 'req_proxy_config_error', port: start });
  return { error, cause: error.cause, events: heard.taken(), port: start };
}

/** An authority in a folder of its own. */
function making() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-ca-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return authority(folder);
}

/** The cause of the failure of an upstream with that certificate. */
async function causeOf(pair, ca) {
  const secureContext = tls.createSecureContext(pair);
  const port = await tcp((socket) =>
    new tls.TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {}),
  );
  const upstream = { protocol: 'https', host: '127.0.0.1', port, ca };
  const { error, cause, events } = await failed(upstream);
  expect(error.message).toBe(`port ${error.port}: upstream untrusted`);
  expect(events).toEqual([
    event('proxyError', `https://127.0.0.1:${port}:req_proxy_config_error@upstream untrusted`),
  ]);
  expect(cause).toBeInstanceOf(Error);
  expect(cause).toMatchObject({ address: '127.0.0.1', port });
  const client = tls.connect({ host: '127.0.0.1', port, ca });
  const [theirs] = await once(client, 'error');
  return { ...facts(cause), theirs: theirs.code };
}

describe('the cause', () => {
  test('of a closed port is that of Node', async () => {
    const port = await deadPort();
    const { error, cause, events } = await failed({ protocol: 'http', host: '127.0.0.1', port });
    const [theirs] = await once(net.connect(port, '127.0.0.1'), 'error');
    expect(facts(cause)).toEqual(facts(theirs));
    expect(cause.code).toBe('ECONNREFUSED');
    expect(cause).toBeInstanceOf(Error);
    // As in Node, only this error is shown with its frames.
    expect(cause.stack).toBe(`Error: ${cause.message}`);
    expect(Object.keys(error)).not.toContain('cause');
    expect(error.message).toBe(`port ${error.port}: upstream unreachable`);
    expect(events).toEqual([
      event('proxyError', `http://127.0.0.1:${port}:req_proxy_config_error@upstream unreachable`),
    ]);
  });

  test('of a name that does not resolve is that of Node', async () => {
    const theirs = await failure(lookup('x.invalid'));
    const { cause } = await failed({ protocol: 'socks5', host: 'x.invalid', port: 1080 });
    // The number is one of libuv's own.
    expect(facts(cause)).toEqual({ ...facts(theirs), errno: undefined });
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(cause.code);
  });

  test('of an upstream that closes, is silent, or speaks something else', async () => {
    const closes = await tcp((socket) => socket.destroy());
    const shut = await failed({ protocol: 'socks5', host: '127.0.0.1', port: closes });
    expect(shut.cause).toMatchObject({
      code: 'ECONNRESET',
      address: '127.0.0.1',
      port: closes,
    });
    const ssh = await tcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const other = await failed({ protocol: 'https', host: '127.0.0.1', port: ssh });
    expect(other.cause).toMatchObject({ code: 'EPROTO', port: ssh });
    const silent = await tcp(() => {});
    const { start } = await forwarding();
    loopwire.configure({ handshakeTimeoutMs: 100 });
    const upstream = { protocol: 'http', host: '127.0.0.1', port: silent };
    const mute = await failure(loopwire.forward({ port: start, upstream }));
    expect(mute.cause).toMatchObject({
      code: 'ETIMEDOUT',
      syscall: 'read',
      message: `read ETIMEDOUT 127.0.0.1:${silent}`,
    });
  });

  test('of a local port that is taken', async () => {
    const { start } = await forwarding();
    const taken = net.createServer().listen(start, '127.0.0.1');
    after(() => taken.close());
    await once(taken, 'listening');
    const second = net.createServer().listen(start, '127.0.0.1');
    const [theirs] = await once(second, 'error');
    const error = await failure(
      loopwire.forward({ port: start, upstream: { protocol: 'direct', id: 'd' } }),
    );
    expect(error).toMatchObject({ message: `port ${start}: port in use`, port: start });
    expect(facts(error.cause)).toEqual(facts(theirs));
  });

  test('of a provider', async () => {
    const { start } = await forwarding();
    const wanted = { port: start, upstream: { id: 'x' } };
    const none = await failure(loopwire.forward(wanted));
    expect(none.message).toBe(`port ${start}: no provider: setAPIHost(url) sets one`);
    expect(none.cause).toBeUndefined();
    loopwire.setAPIHost('file:///does/not/exist.json');
    const unreadable = await failure(loopwire.forward(wanted));
    expect(unreadable.cause).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path: '/does/not/exist.json',
      message: "ENOENT: no such file or directory, open '/does/not/exist.json'",
    });
    const port = await deadPort();
    loopwire.setAPIHost(`http://127.0.0.1:${port}/?key=s3cret`);
    const dead = await failure(loopwire.forward(wanted));
    expect(dead.cause).toMatchObject({
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
    expect(inspect(dead)).not.toContain('s3cret');
    loopwire.setAPIHost('http://x.invalid/');
    const unknown = await failure(loopwire.forward(wanted));
    expect(unknown.cause).toMatchObject({ syscall: 'getaddrinfo', hostname: 'x.invalid' });
  });

  test('of rotate', async () => {
    const { start } = await forwarding();
    const none = await failure(loopwire.rotate(start));
    expect(none).toMatchObject({ code: 'ERR_PORT_NOT_FORWARDED', port: start });
  });
});

needs('openssl').describe('the cause of a certificate that is refused', () => {
  test('that has expired', async () => {
    const { ca, sign } = making();
    const expired = sign('IP:127.0.0.1', '20200101000000Z', '20200102000000Z');
    const { code, theirs, message } = await causeOf(expired, ca);
    expect(code).toBe('CERT_HAS_EXPIRED');
    expect(theirs).toBe(code);
    expect(message).toContain('expired');
  });

  test('that is not valid yet', async () => {
    const { ca, sign } = making();
    const { code, theirs } = await causeOf(sign('IP:127.0.0.1', '20480101000000Z'), ca);
    expect(code).toBe('CERT_NOT_YET_VALID');
    expect(theirs).toBe(code);
  });

  test('that is for another name', async () => {
    const { ca, sign } = making();
    const { code, theirs, message } = await causeOf(sign('DNS:other.example'), ca);
    expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(theirs).toBe(code);
    expect(message).toContain('other.example');
  });

  test('of an unknown authority', async () => {
    const { sign } = making();
    const { code, theirs } = await causeOf(sign('IP:127.0.0.1'));
    expect(code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(theirs).toBe(code);
  });

  test('that is self-signed', async () => {
    const { ca, selfSigned } = making();
    const { code, theirs } = await causeOf(selfSigned('IP:127.0.0.1'), ca);
    expect(code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(theirs).toBe(code);
  });
});

describe('a port out of range', () => {
  test('says which range, and how to change it; its event says what it always said', async () => {
    const { heard, start } = await forwarding({ count: 4 });
    const upstream = { protocol: 'direct', id: 'd' };
    const error = await failure(loopwire.forward({ port: start + 4, upstream }));
    expect(error.message).toBe(
      `port ${start + 4}: port out of range: the ports from ${start} to ${start + 3} can be forwarded; ` +
        'setRangePort(startPort, endPort) sets others',
    );
    expect(error.port).toBe(start + 4);
    await heard.count(1);
    expect(heard.taken()).toEqual([
      event('proxyError', 'd:req_proxy_config_error@port out of range'),
    ]);
  });
});

describe('the calls that never reject', () => {
  test('have the cause in the text of sdkGetLastError', async () => {
    const port = await deadPort();
    const { start } = await forwarding({ list: [entry('a', 'http', port)] });
    expect(await loopwire.createWithId(start, 'a')).toBe(1);
    expect(loopwire.sdkGetLastError()).toBe(
      `port ${start}: upstream unreachable: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    expect(await loopwire.createProxyByPortConfigs('r', '1', [start])).toEqual([]);
    expect(await loopwire.quickCreateProxies('r', '1', [start])).toEqual([]);
    expect(loopwire.sdkGetLastError()).toContain('ECONNREFUSED');
  });
});

describe('no error', () => {
  test('shows credentials', async () => {
    const upstream = `http://alice:s3cret@127.0.0.1:${await deadPort()}`;
    const { error } = await failed(upstream);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cret|alice/);
    provide([entry('a', 'http', await deadPort(), { username: 'alice', password: 's3cret' })]);
    await loopwire.createWithId(error.port, 'a');
    expect(loopwire.sdkGetLastError()).not.toMatch(/s3cret|alice/);
  });
});
