// The typed calls: the arguments and results of `forward`, and equal counters in ports(), stats() and /metrics.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { connectTunnel, socks5 } = require('../../../examples/demo/requests.cjs');
const { Stoppable, take } = require('../../../examples/demo/server.cjs');
const { httpUpstream, origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { request, tokenOf } = require('../../support/channel/client.cjs');
const {
  after,
  config,
  deadPort,
  entry,
  forwarding,
  isFree,
  loopwire,
  serve,
  tcp,
  until,
} = require('../../support/forward/forwarding.cjs');
const { needs } = require('../../support/needs.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

const CREDENTIALS = { username: 'alice', password: 'open:sesame%@' };
const inUrl = `${CREDENTIALS.username}:${encodeURIComponent(CREDENTIALS.password)}`;

const failure = (promise) =>
  promise.then(
    () => 'it did not fail',
    (error) => error,
  );

describe('the upstream', () => {
  test.each([
    ['a URL', ({ port }) => `socks5://${inUrl}@127.0.0.1:${port}`, undefined],
    ['an object', ({ port }) => entry('mine', 'socks5', port, CREDENTIALS), 'mine'],
    [
      'an object without an id',
      ({ port }) => ({ ...entry(undefined, 'socks5', port, CREDENTIALS), city: 'Ulm' }),
      undefined,
    ],
    ['the id of a proxy of the provider', () => ({ id: 'listed' }), 'listed'],
  ])('as %s', async (_, form, id) => {
    const upstream = await serve(socksUpstream({ credentials: CREDENTIALS }));
    const web = await serve(origin());
    const list = [entry('listed', 'socks5', upstream.port, CREDENTIALS)];
    const { start } = await forwarding({ list });
    const events = detailedEvents();
    const forwarded = await loopwire.forward({ port: start, upstream: form(upstream) });
    const proxyId = id ?? `socks5://127.0.0.1:${upstream.port}`;
    expect(forwarded).toEqual({
      port: start,
      address: `127.0.0.1:${start}`,
      proxyId,
      upstream: `socks5://127.0.0.1:${upstream.port}`,
      latencyMs: expect.any(Number),
    });
    const all = await events.all();
    expect(all.map(({ type, payload }) => [type, payload])).toEqual([
      ['portStateUpdate', String(start)],
      ['forwardListCompleted', proxyId],
    ]);
    const { status } = await connectTunnel(start, `http://127.0.0.1:${web.port}/through`);
    expect([status, upstream.asked]).toEqual([200, [`SOCKS5 127.0.0.1:${web.port}`]]);
    expect(config(start).proxy_id).toBe(proxyId);
  });

  test('a second forward changes upstream and rules of the port', async () => {
    const [one, two] = [await serve(socksUpstream()), await serve(socksUpstream())];
    const web = await serve(origin());
    const { start } = await forwarding();
    const to = (upstream, more) =>
      loopwire.forward({ port: start, upstream: `socks5://127.0.0.1:${upstream.port}`, ...more });
    await to(one, { accept: 'http' });
    await failure(socks5(start, `http://127.0.0.1:${web.port}/`));
    expect(one.asked).toEqual([]);
    await to(two);
    expect((await socks5(start, `http://127.0.0.1:${web.port}/`)).status).toBe(200);
    expect([one.asked.length, two.asked.length]).toEqual([0, 1]);
  });
});

test.each([
  ['http', connectTunnel, socks5],
  ['socks5', socks5, connectTunnel],
])('accept %s: the other kind of client gets nothing through', async (accept, good, bad) => {
  const upstream = await serve(socksUpstream());
  const web = await serve(origin());
  const { start } = await forwarding();
  const url = `socks5://127.0.0.1:${upstream.port}`;
  await loopwire.forward({ port: start, upstream: url, accept });
  const target = `http://127.0.0.1:${web.port}/`;
  // An HTTP client is told why, a SOCKS client is cut off: neither gets where it wants.
  await failure(bad(start, target));
  expect(web.asked).toEqual([]);
  expect((await good(start, target)).status).toBe(200);
  expect(web.asked).toEqual(['GET /']);
});

test('requestId is the request’s name in events; the proxy keeps its own', async () => {
  const upstream = await serve(socksUpstream());
  const { start } = await forwarding({ list: [entry('a', 'socks5', upstream.port)] });
  const events = detailedEvents();
  const requestId = 'my request: 7';
  await loopwire.forward({ port: start, upstream: { id: 'a' }, requestId });
  const dead = `socks5://127.0.0.1:${await deadPort()}`;
  const error = await failure(loopwire.forward({ port: start + 1, upstream: dead, requestId }));
  expect(error.code).toBe('req_proxy_config_error');
  expect(
    (await events.ends()).map(({ type, payload, data }) => [type, payload, data.requestId]),
  ).toEqual([
    ['forwardListCompleted', requestId, requestId],
    ['proxyError', `${requestId}:req_proxy_config_error@upstream unreachable`, requestId],
  ]);
  expect(config(start).proxy_id).toBe('a');
});

describe('a rejection', () => {
  const wrong = { username: 'alice', password: 'gu3ss3d' };

  test.each([
    ['upstream unreachable', async () => `http://alice:gu3ss3d@127.0.0.1:${await deadPort()}`],
    ['upstream unreachable', async () => entry('x', 'socks5', await deadPort(), wrong)],
    ['unknown proxy', async () => ({ id: 'nobody' })],
    [
      'upstream refused|status:407',
      async () => {
        const { port } = await serve(httpUpstream({ credentials: CREDENTIALS }));
        return entry('x', 'http', port, wrong);
      },
    ],
    [
      'upstream refused|message:AUTH_FAILED',
      async () => {
        const { port } = await serve(socksUpstream({ credentials: CREDENTIALS }));
        return `socks5://alice:gu3ss3d@127.0.0.1:${port}`;
      },
    ],
  ])(
    '%s: code and detail, one proxyError before it, and the port is not kept',
    async (detail, make) => {
      const { start } = await forwarding({ list: [] });
      const events = detailedEvents();
      const error = await failure(loopwire.forward({ port: start, upstream: await make() }));
      expect(error.name).toBe('Error');
      expect(error.code).toBe('req_proxy_config_error');
      expect(error.message).toBe(`port ${start}: ${detail}`);
      const all = await events.all();
      expect(all.map(({ type, data }) => [type, data.reason])).toEqual([['proxyError', detail]]);
      expect(JSON.stringify([error.stack, all, loopwire.sdkGetLastError()])).not.toMatch(/gu3ss3d/);
      expect([loopwire.ports(), loopwire.getConfigJSON(start)]).toEqual([[], '{}']);
      expect(await isFree(start)).toBe(true);
    },
  );

  test.each([
    'gopher://alice:gu3ss3d@127.0.0.1:1',
    'socks5://alice:gu3ss3d@127.0.0.1:0',
    'http://alice:gu3ss3d@',
    'alice:gu3ss3d',
    { protocol: 'socks4', host: 'h', port: 1, password: 'gu3ss3d' },
    { protocol: 'http', port: 1, password: 'gu3ss3d' },
    { protocol: 'https', host: 'h', port: 1, password: 'gu3ss3d', ca: 'gu3ss3d' },
    { id: 'a', host: 'gu3ss3d' },
  ])('an upstream that is none is thrown at once and never shown: %#', async (upstream) => {
    const { start } = await forwarding();
    const events = detailedEvents();
    let thrown;
    try {
      loopwire.forward({ port: start, upstream });
    } catch (error) {
      thrown = error;
    }
    expect([thrown?.name, thrown?.code]).toEqual(['TypeError', 'ERR_INVALID_ARG_VALUE']);
    expect(String(thrown.stack)).not.toContain('gu3ss3d');
    expect(await events.all()).toEqual([]);
  });
});

/** Moves so many bytes through a tunnel, up and down, and leaves it open. */
async function moved(port, up, down) {
  const server = await tcp(async (socket) => {
    await take(socket, up);
    socket.write(Buffer.alloc(down, 'd'));
  });
  const socket = net.connect(port, '127.0.0.1');
  after(() => socket.destroy());
  socket.on('error', () => {}).write(`CONNECT 127.0.0.1:${server} HTTP/1.1\r\n\r\n`);
  await take(socket, 'HTTP/1.1 200 Connection established\r\n\r\n'.length);
  socket.write(Buffer.alloc(up, 'u'));
  await take(socket, down);
  return socket;
}

/** The figures of a /metrics page, by name and labels. */
async function metrics(listener) {
  const { status, text } = await request(listener, 'GET', '/metrics', {
    token: tokenOf(listener),
  });
  expect(status).toBe(200);
  const lines = text.split('\n').filter((line) => line.startsWith('loopwire_forward_'));
  return Object.fromEntries(
    lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)[0])]),
  );
}

const counts = ({ port, connections, streams, bytesUp, bytesDown }) => {
  return [port, connections, streams, bytesUp, bytesDown];
};

describe('what is counted', () => {
  test('ports(), stats(), getConfigJSON and /metrics tell the same bytes', async () => {
    const [one, two] = [await serve(socksUpstream()), await serve(socksUpstream())];
    const list = [entry('one', 'socks5', one.port), entry('two', 'socks5', two.port)];
    const { start, listener } = await forwarding({ list });
    const [a, b, c] = [start, start + 1, start + 2];
    for (const [port, id] of [
      [a, 'one'],
      [b, 'one'],
      [c, 'two'],
    ]) {
      await loopwire.forward({ port, upstream: { id } });
    }
    await moved(a, 70_001, 90_002);
    const ended = await moved(b, 1_003, 2_004);
    await moved(c, 5, 6);
    ended.destroy();
    await until(() => loopwire.stats().streams === 2, 'the end of one tunnel');

    expect(loopwire.ports().map(counts)).toEqual([
      [a, 1, 1, 70_001, 90_002],
      [b, 1, 0, 1_003, 2_004],
      [c, 1, 1, 5, 6],
    ]);
    expect(loopwire.ports()[0]).toMatchObject({
      address: `127.0.0.1:${a}`,
      proxyId: 'one',
      upstream: `socks5://127.0.0.1:${one.port}`,
      online: true,
      refreshes: 0,
    });
    const stats = loopwire.stats();
    expect(stats).toMatchObject({
      ports: 3,
      online: 3,
      connections: 3,
      streams: 2,
      bytesUp: 71_009,
      bytesDown: 92_012,
    });
    const rows = stats.upstreams.map((row) => [row.proxyId, row.ports, ...counts(row).slice(1)]);
    expect(rows).toEqual([
      ['one', 2, 2, 1, 71_004, 92_006],
      ['two', 1, 1, 1, 5, 6],
    ]);
    const { bw, connections, streams } = config(a);
    expect([bw.bytes_write, bw.bytes_read, connections, streams]).toEqual([70_001, 90_002, 1, 1]);
    expect([bw.bw_up, bw.bw_down]).toEqual([70_001, 90_002]);

    const figures = await metrics(listener);
    const upstream = `proxy_id="one",upstream="socks5://127.0.0.1:${one.port}"`;
    expect(figures).toMatchObject({
      loopwire_forward_ports: 3,
      [`loopwire_forward_port_online{port="${a}"}`]: 1,
      [`loopwire_forward_port_streams{port="${b}"}`]: 0,
      [`loopwire_forward_port_bytes_up_total{port="${a}"}`]: 70_001,
      [`loopwire_forward_port_bytes_down_total{port="${a}"}`]: 90_002,
      [`loopwire_forward_upstream_ports{${upstream}}`]: 2,
      [`loopwire_forward_upstream_connections_total{${upstream}}`]: 2,
      [`loopwire_forward_upstream_bytes_up_total{${upstream}}`]: 71_004,
      [`loopwire_forward_upstream_bytes_down_total{${upstream}}`]: 92_006,
    });
  });

  test('after a rotation the port counts on, and bw_… begins anew with the other upstream', async () => {
    const [one, two] = [await serve(socksUpstream()), await serve(socksUpstream())];
    const list = [entry('one', 'socks5', one.port), entry('two', 'socks5', two.port)];
    const { start } = await forwarding({ list });
    await loopwire.forward({ port: start, upstream: { id: 'one' } });
    await moved(start, 100, 200);
    await loopwire.rotate(start);
    await moved(start, 10, 20);
    expect(loopwire.ports()[0]).toMatchObject({ proxyId: 'two', bytesUp: 110, bytesDown: 220 });
    const { bw } = config(start);
    expect([bw.bw_up, bw.bw_down, bw.bytes_write, bw.bytes_read]).toEqual([10, 20, 110, 220]);
    const rows = loopwire.stats().upstreams.map(({ bytesUp, bytesDown }) => [bytesUp, bytesDown]);
    expect(rows).toEqual([
      [100, 200],
      [10, 20],
    ]);
  });

  test('before anything is forwarded: no ports, and nothing counted', async () => {
    expect(loopwire.ports()).toEqual([]);
    expect(loopwire.stats()).toMatchObject({ ports: 0, bytesUp: 0, bytesDown: 0, upstreams: [] });
  });
});

needs('openssl').describe('an HTTPS upstream with a certificate of its own', () => {
  let folder, pem;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-typed-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert, '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
    pem = { key: fs.readFileSync(key, 'utf8'), cert: fs.readFileSync(cert, 'utf8') };
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** TLS in tlsServer of the HTTP proxy. */
  async function secured() {
    const proxy = await serve(httpUpstream({ credentials: CREDENTIALS }));
    const tlsServer = new Stoppable(0, (self) =>
      tls.createServer(pem, (socket) => {
        const onward = net.connect(proxy.port, '127.0.0.1');
        self.keep(onward);
        self.keep(socket);
        socket.pipe(onward).pipe(socket);
      }),
    );
    return { proxy, tlsServer: await serve(tlsServer) };
  }

  test('works with `ca`', async () => {
    const { proxy, tlsServer } = await secured();
    const web = await serve(origin());
    const { start } = await forwarding();
    const upstream = { ...entry('tls', 'https', tlsServer.port, CREDENTIALS), ca: pem.cert };
    const forwarded = await loopwire.forward({ port: start, upstream });
    expect(forwarded.upstream).toBe(`https://127.0.0.1:${tlsServer.port}`);
    const answer = await connectTunnel(start, `http://127.0.0.1:${web.port}/safe`);
    expect([answer.status, answer.body]).toEqual([200, `hello from 127.0.0.1:${web.port}/safe`]);
    expect(proxy.asked).toContain(`CONNECT 127.0.0.1:${web.port}`);
  });

  test('is not trusted without', async () => {
    const { tlsServer } = await secured();
    const { start } = await forwarding();
    const upstream = entry('tls', 'https', tlsServer.port, CREDENTIALS);
    const error = await failure(loopwire.forward({ port: start, upstream }));
    expect([error.code, error.message]).toEqual([
      'req_proxy_config_error',
      `port ${start}: upstream untrusted`,
    ]);
    expect(loopwire.isRunningPort(start)).toBe(0);
  });
});
