// createWithId: its results, and that each request ends with exactly one event.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const fixtures = require('../../../fixtures/forward.json');
const { httpUpstream, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  after,
  config,
  deadPort,
  entry,
  event,
  forwarding,
  isFree,
  loopwire,
  provide,
  serve,
  tcp,
  until,
} = require('../../support/forward/forwarding.cjs');

const CREDENTIALS = { username: 'alice', password: 'open sesame' };

// Upstreams of a bad temper.
const silent = () => tcp(() => {});
const abrupt = () => tcp((socket) => socket.destroy());
const sshServer = () => tcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
/** One that speaks TLS, with a certificate that nobody vouches for. */
const unvouched = () => {
  const pem = fs.readFileSync(path.join(__dirname, '..', '..', 'support', 'untrusted.pem'));
  const secureContext = tls.createSecureContext({ cert: pem, key: pem });
  return tcp((socket) =>
    new tls.TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {}),
  );
};
/** One that asks for credentials. */
const wary = async (make) => (await serve(make({ credentials: CREDENTIALS }))).port;

/** The text of a fixture; its request id is 1. */
const fixture = (name) => JSON.stringify(fixtures.find((one) => one.name === name).event);

describe('a request that works', () => {
  test.each([
    ['HTTP', httpUpstream, 'http', undefined],
    ['HTTP with credentials', httpUpstream, 'http', CREDENTIALS],
    ['SOCKS5', socksUpstream, 'socks5', undefined],
    ['SOCKS5 with credentials', socksUpstream, 'socks5', CREDENTIALS],
  ])('%s: the port comes online, then the request is complete', async (...row) => {
    const [, make, protocol, credentials] = row;
    const upstream = await serve(make({ credentials }));
    const list = [entry('a proxy', protocol, upstream.port, credentials)];
    const { heard, start } = await forwarding({ list });

    const promise = loopwire.createWithId(start, 'a proxy');
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe(0);
    await heard.count(2);
    expect(heard.taken()).toEqual([
      event('portStateUpdate', start),
      event('forwardListCompleted', 'a proxy'),
    ]);
    expect(await isFree(start)).toBe(false);
    expect(config(start)).toMatchObject({ proxy_id: 'a proxy', is_online: true });
  });

  test('the details name request, port and reason', async () => {
    const upstream = await serve(socksUpstream());
    const { start } = await forwarding({ list: [entry('1', 'socks5', upstream.port)] });
    const events = [];
    loopwire.startEventListener(0, loopwire.generateToken(), (data) => events.push(data), {
      detail: true,
      format: 'object',
    });
    expect(await loopwire.createWithId(start, '1')).toBe(0);
    expect(await loopwire.createWithId(start + 9, '1')).toBe(1);
    await until(() => events.length >= 3, 'three events');
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['portStateUpdate', { port: start, online: true, reason: 'forwarded' }],
      ['forwardListCompleted', { requestId: '1', forwarded: [start], failed: [], skipped: [] }],
      [
        'proxyError',
        {
          requestId: '1',
          code: 'req_proxy_config_error',
          reason: 'port out of range',
          failed: [start + 9],
        },
      ],
    ]);
  });

  test('on a port that is forwarded already it changes the upstream', async () => {
    const [one, two] = [await serve(socksUpstream()), await serve(httpUpstream())];
    const list = [entry('one', 'socks5', one.port), entry('two', 'http', two.port)];
    const { heard, start } = await forwarding({ list });
    expect(await loopwire.createWithId(start, 'one')).toBe(0);
    expect(await loopwire.createWithId(start, 'two', '2', 'auto')).toBe(0);
    await heard.count(4);
    expect(heard.taken().slice(2)).toEqual([
      event('portStateUpdate', start),
      event('forwardListCompleted', 'two'),
    ]);
    expect(config(start)).toMatchObject({ proxy_id: 'two', plan: '2', manual: false });
  });

  test('an edited list takes effect without another setAPIHost', async () => {
    const upstream = await serve(socksUpstream());
    const { start } = await forwarding({ list: [] });
    const url = provide([]);
    expect(await loopwire.createWithId(start, 'late')).toBe(1);
    fs.writeFileSync(new URL(url), JSON.stringify([entry('late', 'socks5', upstream.port)]));
    expect(await loopwire.createWithId(start, 'late')).toBe(0);
  });
});

describe('a request that fails ends in one proxyError, and the port is not kept', () => {
  const wrong = { username: 'alice', password: 'guess' };

  test.each([
    ['unknown proxy', async () => []],
    ['provider unreadable', async () => '{"not": "a list"}'],
    ['proxy invalid', async () => [{ id: '1', protocol: 'gopher', host: 'h', port: 1 }]],
    ['upstream unreachable', async () => [entry('1', 'http', await deadPort())]],
    ['upstream unreachable', async () => [entry('1', 'socks5', await deadPort())]],
    ['upstream timeout', async () => [entry('1', 'http', await silent())]],
    ['upstream timeout', async () => [entry('1', 'socks5', await silent())]],
    ['upstream closed', async () => [entry('1', 'http', await abrupt())]],
    ['upstream invalid', async () => [entry('1', 'http', await sshServer())]],
    ['upstream invalid', async () => [entry('1', 'socks5', await sshServer())]],
    ['upstream invalid', async () => [entry('1', 'https', await sshServer())]],
    ['upstream untrusted', async () => [entry('1', 'https', await unvouched())]],
    ['upstream refused (HTTP)', async () => [entry('1', 'http', await wary(httpUpstream))]],
    ['upstream refused (HTTP)', async () => [entry('1', 'http', await wary(httpUpstream), wrong)]],
    ['upstream refused (SOCKS5)', async () => [entry('1', 'socks5', await wary(socksUpstream))]],
    [
      'upstream refused (SOCKS5)',
      async () => [entry('1', 'socks5', await wary(socksUpstream), wrong)],
    ],
  ])('%s', async (name, list) => {
    const { heard, start } = await forwarding();
    // Where silence is not the matter, a machine that stalls must not look like it.
    if (name === 'upstream timeout') loopwire.configure({ handshakeTimeoutMs: 300 });
    provide(await list());
    expect(await loopwire.createWithId(start, '1')).toBe(1);
    await heard.count(1);
    const text = fixture(`proxyError: ${name}`);
    expect(heard.taken()).toEqual([text]);
    const told = `port ${start}: ${JSON.parse(text).payload.replace(/^[^@]*@/, '')}`;
    const last = loopwire.sdkGetLastError();
    // What to do, or what the system or a library said, may follow.
    expect([told, `${told}: `]).toContain(last.slice(0, told.length + 2));
    expect(await isFree(start)).toBe(true);
    expect(loopwire.getConfigJSON(start)).toBe('{}');
  });

  test('upstream loop: a port is not its own upstream, by a list or as it is given', async () => {
    const { heard, start } = await forwarding();
    provide([entry('1', 'http', start)]);
    expect(await loopwire.createWithId(start, '1')).toBe(1);
    await heard.count(1);
    expect(heard.taken()).toEqual([fixture('proxyError: upstream loop')]);
    for (const upstream of [`http://localhost:${start}`, `socks5://0.0.0.0:${start}`]) {
      await expect(loopwire.forward({ port: start, upstream })).rejects.toMatchObject({
        code: 'req_proxy_config_error',
        message: `port ${start}: upstream loop: the upstream leads back to this port, or in a circle`,
      });
    }
    expect(await isFree(start)).toBe(true);
  });

  test('no provider', async () => {
    const { heard, start } = await forwarding();
    expect(await loopwire.createWithId(start, '1')).toBe(1);
    await heard.count(1);
    expect(heard.taken()).toEqual([fixture('proxyError: no provider')]);
  });

  test('port out of range', async () => {
    const upstream = await serve(socksUpstream());
    const list = [entry('1', 'socks5', upstream.port)];
    const { heard, start } = await forwarding({ count: 2, list });
    expect(await loopwire.createWithId(start + 2, '1')).toBe(1);
    expect(await loopwire.createWithId(start - 1, '1')).toBe(1);
    await heard.count(2);
    const text = fixture('proxyError: port out of range');
    expect(heard.taken()).toEqual([text, text]);
  });

  test('port in use: the program that listens there is not disturbed', async () => {
    const upstream = await serve(socksUpstream());
    const { heard, start } = await forwarding({ list: [entry('1', 'socks5', upstream.port)] });
    const other = net.createServer();
    await new Promise((resolve) => other.listen(start, '127.0.0.1', resolve));
    after(() => other.close());
    expect(await loopwire.createWithId(start, '1')).toBe(1);
    await heard.count(1);
    expect(heard.taken()).toEqual([fixture('proxyError: port in use')]);
    expect(other.listening).toBe(true);
  });

  test('port removed before the upstream has answered', async () => {
    const { heard, start } = await forwarding({ list: [entry('1', 'socks5', await silent())] });
    const promise = loopwire.createWithId(start, '1');
    expect(loopwire.removePort(start)).toBe(0);
    expect(await promise).toBe(1);
    await heard.count(1);
    expect(heard.taken()).toEqual([fixture('proxyError: port removed')]);
  });

  test('shut down before the upstream has answered: the Promise resolves all the same', async () => {
    const { start } = await forwarding({ list: [entry('1', 'socks5', await silent())] });
    const promise = loopwire.createWithId(start, '1');
    await loopwire.shutdown();
    expect(await promise).toBe(1);
    expect(await isFree(start)).toBe(true);
  });
});

test('many requests at once: one end each, and a failure touches no other port', async () => {
  const upstream = await serve(socksUpstream());
  const list = [entry('good', 'socks5', upstream.port), entry('bad', 'http', await deadPort())];
  const { heard, start } = await forwarding({ count: 8, list });
  const ids = Array.from({ length: 8 }, (_, index) => (index % 2 ? 'bad' : 'good'));
  const results = await Promise.all(
    ids.map((id, index) => loopwire.createWithId(start + index, id)),
  );
  expect(results).toEqual(ids.map((id) => (id === 'good' ? 0 : 1)));
  await heard.count(12);
  const types = heard.taken().map((text) => JSON.parse(text).type);
  expect(types.filter((type) => type === 'portStateUpdate')).toHaveLength(4);
  expect(types.filter((type) => type === 'forwardListCompleted')).toHaveLength(4);
  expect(types.filter((type) => type === 'proxyError')).toHaveLength(4);
});

test('the password is in no event, no configuration and no error', async () => {
  const upstream = await serve(httpUpstream({ credentials: CREDENTIALS }));
  const wrong = { username: 'alice', password: 'open barley' };
  const list = [
    entry('right', 'http', upstream.port, CREDENTIALS),
    entry('wrong', 'http', upstream.port, wrong),
    entry('dead', 'http', await deadPort(), wrong),
  ];
  const { heard, start } = await forwarding({ list });
  loopwire.enableDebug();
  const said = [];
  for (const id of ['right', 'wrong', 'dead']) {
    await loopwire.createWithId(start + 1, id);
    said.push(loopwire.getConfigJSON(start + 1), loopwire.sdkGetLastError());
  }
  await upstream.stop();
  await require('../../../examples/demo/requests.cjs').absoluteForm(start + 1, 'http://any.test/');
  await heard.until((texts) => texts.filter((text) => text.includes('"log"')).length >= 3, 'logs');
  said.push(loopwire.getConfigJSON(start + 1), ...heard.taken());
  const basic = Buffer.from('alice:open').toString('base64').slice(0, 12);
  for (const text of said) expect(text).not.toMatch(new RegExp(`open (sesame|barley)|${basic}`));
});
