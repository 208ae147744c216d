// The credentials of local ports: for all ports or one, for public addresses, in each protocol.
'use strict';

const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  forwarding,
  entry,
  event,
  loopwire,
  serve,
} = require('../../support/forward/forwarding.cjs');
const { REQUESTS, basic, recorder } = require('../../support/forward/credentials.cjs');

const ALICE = { username: 'alice', password: 'open sesame' };
const BOB = { username: 'bob', password: 'built it' };

/** A port that forwards to an HTTP proxy that records, which is the origin of every URL, too. */
async function opened(options) {
  const proxy = await serve(recorder());
  const { start, heard } = await forwarding();
  const upstream = entry('1', 'http', proxy.port);
  await loopwire.forward({ port: start, upstream, ...options });
  proxy.heads.splice(0);
  return { port: start, heard, heads: proxy.heads, url: 'http://origin.test:8080/path' };
}

describe('setProxyAuth and setEnableProxyAuth', () => {
  test('clients are asked only while it is set and enabled', async () => {
    const { port, url } = await opened();
    const statuses = async () =>
      Promise.all(REQUESTS.map(async ([, send]) => (await send(port, url)).status));
    const refused = [407, 407, 'method 255'];
    expect(loopwire.setEnableProxyAuth(1)).toBe(1);
    expect(loopwire.sdkGetLastError()).toContain('there are no credentials yet');
    expect(await statuses()).toEqual([200, 200, 200]);
    expect(loopwire.setProxyAuth(0, ALICE.username, ALICE.password)).toBe(0);
    expect(await statuses()).toEqual([200, 200, 200]);
    expect(loopwire.setEnableProxyAuth(1)).toBe(0);
    expect(await statuses()).toEqual(refused);
    expect(loopwire.setEnableProxyAuthen(0)).toBe(0);
    expect(await statuses()).toEqual([200, 200, 200]);
    expect(loopwire.setProxyAuthen(1, BOB.username, BOB.password)).toBe(0);
    expect(await statuses()).toEqual(refused);
  });

  test.each(REQUESTS)('%s: right ones come in, others do not', async (_, send, none, wrong) => {
    const { port, url, heads } = await opened();
    loopwire.setProxyAuth(1, ALICE.username, ALICE.password);
    expect((await send(port, url)).status).toBe(none);
    for (const pair of [
      BOB,
      { ...ALICE, password: 'open sesam' },
      { ...ALICE, password: 'open sesame ' },
      { ...ALICE, username: 'Alice' },
      { username: 'alice', password: '' },
    ]) {
      const answer = await send(port, url, pair);
      expect([pair, answer.status]).toEqual([pair, wrong]);
    }
    // Nothing of all that went anywhere.
    expect(heads).toEqual([]);
    expect((await send(port, url, ALICE)).status).toBe(200);
    loopwire.setProxyAuth(1, BOB.username, BOB.password);
    expect((await send(port, url, ALICE)).status).toBe(wrong);
    expect((await send(port, url, BOB)).status).toBe(200);
  });

  test('a 407 has the header that asks for credentials', async () => {
    const { port, url } = await opened();
    loopwire.setProxyAuth(1, ALICE.username, ALICE.password);
    for (const [, send] of REQUESTS.slice(0, 2)) {
      const { headers } = await send(port, url);
      expect(headers['proxy-authenticate']).toBe('Basic realm="Loopwire", charset="UTF-8"');
    }
  });

  test.each([
    ['a:b', 'alice', 'a:b'],
    ['@', 'alice@home', 'p@ss'],
    ['percent signs, decoded by nobody', '100%', '%41%'],
    ['spaces', 'alice in chains', ' lead and trail '],
    ['UTF-8', 'ålice', 'пароль 密码 🗝'],
    ['all of it', 'a@ %ü', ':@ %:ß'],
    ['255 bytes', 'u'.repeat(255), 'p'.repeat(255)],
  ])('credentials with %s', async (_, username, password) => {
    const { port, url } = await opened();
    expect(loopwire.setProxyAuth(1, username, password)).toBe(0);
    for (const [, send, , wrong] of REQUESTS) {
      expect((await send(port, url, { username, password })).status).toBe(200);
      const other = { username, password: `${password.slice(0, -1)}!` };
      expect((await send(port, url, other)).status).toBe(wrong);
    }
  });

  test.each([
    ['', 'p'],
    ['u', ''],
    ['a:b', 'p'],
    ['u'.repeat(256), 'p'],
    ['u', 'p'.repeat(256)],
    ['u', 'ü'.repeat(128)],
  ])('what no client could show is refused, and changes nothing', async (username, password) => {
    const { port, url } = await opened();
    loopwire.setProxyAuth(1, ALICE.username, ALICE.password);
    expect(loopwire.setProxyAuth(0, username, password)).toBe(1);
    expect(loopwire.sdkGetLastError()).toMatch(/^setProxyAuth: the username must have/);
    const [, send] = REQUESTS[0];
    expect((await send(port, url)).status).toBe(407);
    expect((await send(port, url, ALICE)).status).toBe(200);
  });

  test('what a client shows reaches neither upstream nor origin', async () => {
    const { port, url, heads } = await opened();
    loopwire.setProxyAuth(1, ALICE.username, ALICE.password);
    for (const [, send] of REQUESTS) expect((await send(port, url, ALICE)).status).toBe(200);
    // Absolute form is one request; a tunnel is CONNECT and what goes through it.
    expect(heads).toHaveLength(5);
    const secret = basic(ALICE).slice('Basic '.length);
    for (const head of heads) {
      expect(head.toLowerCase()).not.toContain('proxy-authorization');
      expect(head).not.toContain(secret);
    }
  });

  test('the upstream gets its own credentials, not the client’s', async () => {
    const proxy = await serve(recorder());
    const { start } = await forwarding();
    const upstream = entry('1', 'http', proxy.port, BOB);
    await loopwire.forward({ port: start, upstream, auth: ALICE });
    proxy.heads.splice(0);
    const [, send] = REQUESTS[0];
    expect((await send(start, 'http://origin.test/', ALICE)).status).toBe(200);
    expect(proxy.heads).toHaveLength(1);
    expect(proxy.heads[0].split('\n').filter((part) => part.startsWith('Basic '))).toEqual([
      basic(BOB),
    ]);
  });
});

const setRange = (format, start) => loopwire.updateIpFormatAndPorts(format, start, 4);

describe('addresses that others reach', () => {
  test('need credentials, and while they are in use these cannot be switched off', async () => {
    const { start, heard } = await forwarding();
    expect(setRange('0.0.0.0:%d', start)).toBe(1);
    expect(loopwire.sdkGetLastError()).toContain('0.0.0.0 is not a loopback address');
    loopwire.setProxyAuth(0, ALICE.username, ALICE.password);
    expect(setRange('0.0.0.0:%d', start)).toBe(1);
    expect(loopwire.setEnableProxyAuth(1)).toBe(0);
    expect(setRange('0.0.0.0:%d', start)).toBe(0);
    await heard.count(1);
    expect(heard.taken()).toEqual([event('settingPortChange', `${start}:4`)]);

    for (const off of [
      () => loopwire.setEnableProxyAuth(0),
      () => loopwire.setProxyAuth(0, BOB.username, BOB.password),
    ]) {
      expect(off()).toBe(1);
      expect(loopwire.sdkGetLastError()).toContain('not a loopback address');
    }
    const proxy = await serve(recorder());
    const { address } = await loopwire.forward({
      port: start,
      upstream: entry('1', 'http', proxy.port),
    });
    expect(address).toBe(`0.0.0.0:${start}`);
    const [, send] = REQUESTS[0];
    expect((await send(start, 'http://origin.test/')).status).toBe(407);
    expect((await send(start, 'http://origin.test/', ALICE)).status).toBe(200);

    // The port keeps its address in another range that has it, so it keeps its guard.
    expect(setRange('127.0.0.1:%d', start)).toBe(0);
    expect(loopwire.setEnableProxyAuth(0)).toBe(1);
    expect((await send(start, 'http://origin.test/')).status).toBe(407);
    loopwire.removePort(start);
    expect(loopwire.setEnableProxyAuth(0)).toBe(0);
  });

  test.each(['192.0.2.1:%d', '[::]:%d', '0.0.0.0:%d'])('%s is refused', async (format) => {
    const { start } = await forwarding();
    expect(setRange(format, start)).toBe(1);
    expect(loopwire.getPorts()[0]).toBe(start);
  });
});

describe('one port of its own kind', () => {
  const CUT = ['status', 'closed'];
  const outcome = (knocking) =>
    knocking.then(
      ({ status }) => ['status', status],
      () => CUT,
    );

  test.each([
    ['any', [200, 200, 200]],
    ['http', [200, 200, null]],
    ['socks5', [null, null, 200]],
  ])('forward({ accept: %j })', async (accept, statuses) => {
    const { port, url } = await opened({ accept });
    const outcomes = await Promise.all(REQUESTS.map(([, send]) => outcome(send(port, url))));
    expect(outcomes).toEqual(statuses.map((status) => (status ? ['status', status] : CUT)));
  });

  test.each(REQUESTS)('forward({ auth }): %s', async (_, send, none, wrong) => {
    const { port, url } = await opened({ auth: BOB });
    const other = port + 1;
    const { upstream } = loopwire.ports()[0];
    await loopwire.forward({ port: other, upstream });
    const statuses = async (at) => {
      const answers = [await send(at, url), await send(at, url, ALICE), await send(at, url, BOB)];
      return answers.map(({ status }) => status);
    };
    expect(await statuses(port)).toEqual([none, wrong, 200]);
    expect(await statuses(other)).toEqual([200, 200, 200]);
    // Its own stay its own.
    loopwire.setProxyAuth(1, ALICE.username, ALICE.password);
    expect(await statuses(port)).toEqual([none, wrong, 200]);
    expect(await statuses(other)).toEqual([none, 200, wrong]);
  });

  test('setProtocol is kept, shown in stats(), and changes nothing else', async () => {
    const upstream = await serve(socksUpstream());
    const { start } = await forwarding({ list: [entry('1', 'socks5', upstream.port)] });
    expect(loopwire.stats().protocol).toBe(0);
    for (const protocol of [1, 2, 0]) {
      expect(loopwire.setProtocol(protocol)).toBe(0);
      expect(loopwire.stats().protocol).toBe(protocol);
    }
    loopwire.setProtocol(2);
    // Errors of an addon are of another realm than Jest's.
    expect(() => loopwire.setProtocol(3)).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
    );
    expect(loopwire.stats().protocol).toBe(2);
    expect(await loopwire.createWithId(start, '1')).toBe(0);
  });
});
