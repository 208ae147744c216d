// Traffic through forwarded ports: curl, upstreams of other authors, names, and no bypass of a dead upstream.
'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { absoluteForm, connectTunnel, socks5 } = require('../../../examples/demo/requests.cjs');
const { httpUpstream, origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  danted,
  microsocks,
  squid,
  tinyproxy,
} = require('../../support/forward/daemons/daemons.cjs');
const {
  config,
  entry,
  forwarding,
  loopwire,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');
const { needs, tool } = require('../../support/needs.cjs');

const CREDENTIALS = { username: 'alice', password: 'sesame' };
// A name that no resolver knows (RFC 6761): only an upstream that has it in its table gets anywhere.
const NAME = 'only-the-upstream-knows.test';
const HOSTS = { [NAME]: '127.0.0.1' };

const WAYS = [
  ['absolute-form', absoluteForm],
  ['CONNECT', connectTunnel],
  ['SOCKS5', socks5],
];
const OURS = [
  ['HTTP', 'http', httpUpstream, undefined],
  ['HTTP with credentials', 'http', httpUpstream, CREDENTIALS],
  ['SOCKS5', 'socks5', socksUpstream, undefined],
  ['SOCKS5 with credentials', 'socks5', socksUpstream, CREDENTIALS],
];
const CURL = [
  ['-x http://', (port) => ['-x', `http://127.0.0.1:${port}`]],
  ['-p -x http://', (port) => ['-p', '-x', `http://127.0.0.1:${port}`]],
  ['-x socks5h://', (port) => ['-x', `socks5h://127.0.0.1:${port}`]],
];

async function curl(...args) {
  const shown = ['-sS', '--max-time', '10', '-w', '\n%{http_code}', ...args];
  // curl reads proxies from the environment; none of them may lead elsewhere.
  const env = { PATH: process.env.PATH, NO_PROXY: '' };
  const { stdout } = await promisify(execFile)(tool('curl'), shown, { env });
  return stdout;
}

/** A web server, and one port forwarded through `upstream`. */
async function forwarded(protocol, upstream, credentials) {
  const web = await serve(origin());
  const list = [entry('1', protocol, upstream.port, credentials)];
  const set = await forwarding({ list });
  expect(await loopwire.createWithId(set.start, '1')).toBe(0);
  await set.heard.until((texts) => texts.length === 2);
  set.heard.taken();
  return { ...set, web, port: set.start };
}

/** What the proxyError says when that upstream is to be forwarded. */
async function refusal(protocol, port, credentials) {
  const { heard, start } = await forwarding({ list: [entry('1', protocol, port, credentials)] });
  expect(await loopwire.createWithId(start, '1')).toBe(1);
  await heard.count(1);
  return JSON.parse(heard.taken()[0]).payload.replace('1:req_proxy_config_error@', '');
}

describe.each(OURS)('through %s', (_, protocol, make, credentials) => {
  const through = async () => {
    const upstream = await serve(make({ credentials, hosts: HOSTS }));
    return { upstream, ...(await forwarded(protocol, upstream, credentials)) };
  };

  test('all three ways, and the upstream gets the name unresolved', async () => {
    const { upstream, port, web } = await through();
    for (const [, send] of WAYS) {
      const url = `http://${NAME}:${web.port}/path?and=query`;
      expect(await send(port, url)).toEqual({
        status: 200,
        body: `hello from ${NAME}:${web.port}/path?and=query`,
      });
      expect(upstream.asked.splice(0)).toEqual([expect.stringContaining(NAME)]);
    }
  });

  needs('curl').test('curl, by all its ways', async () => {
    const { port, web } = await through();
    for (const [, flags] of CURL) {
      const said = await curl(...flags(port), `http://${NAME}:${web.port}/curl`);
      expect(said).toBe(`hello from ${NAME}:${web.port}/curl\n200`);
    }
  });
});

describe('programs that others wrote', () => {
  const DAEMONS = [
    ['microsocks', 'socks5', microsocks, undefined],
    ['microsocks', 'socks5', microsocks, CREDENTIALS],
    ['tinyproxy', 'http', tinyproxy, undefined],
    ['tinyproxy', 'http', tinyproxy, CREDENTIALS],
  ];
  for (const [name, protocol, start, credentials] of DAEMONS) {
    const how = credentials ? 'with credentials' : 'without credentials';
    needs('curl', name).test(`curl through ${name} ${how}`, async () => {
      const { port, web } = await forwarded(protocol, await start(credentials), credentials);
      for (const [, flags] of CURL) {
        const said = await curl(...flags(port), `http://127.0.0.1:${web.port}/`);
        expect(said).toBe(`hello from 127.0.0.1:${web.port}/\n200`);
      }
      expect(config(port)).toMatchObject({ is_online: true, connections: 3 });
      await until(() => config(port).streams === 0, 'no stream');
    });
  }

  needs('tinyproxy').test(
    'tinyproxy refuses missing and, with its own text, wrong credentials',
    async () => {
      const { port } = await tinyproxy(CREDENTIALS);
      expect(await refusal('http', port)).toBe('upstream refused|status:407');
      const wrong = { ...CREDENTIALS, password: 'guess' };
      expect(await refusal('http', port, wrong)).toBe('upstream refused|status:401');
    },
  );

  needs('squid', 'openssl').test('squid refuses no credentials and wrong ones', async () => {
    const { port } = await squid(CREDENTIALS);
    expect(await refusal('http', port)).toBe('upstream refused|status:407');
    const wrong = { ...CREDENTIALS, password: 'guess' };
    expect(await refusal('http', port, wrong)).toBe('upstream refused|status:407');
  });

  needs('danted', 'openssl', 'unshare').test(
    'danted refuses no credentials and wrong ones',
    async () => {
      const { port } = await danted(CREDENTIALS);
      expect(await refusal('socks5', port)).toBe('upstream refused|message:AUTH_FAILED');
      const wrong = { ...CREDENTIALS, password: 'guess' };
      expect(await refusal('socks5', port, wrong)).toBe('upstream refused|message:AUTH_FAILED');
    },
  );

  needs('microsocks').test('microsocks refuses wrong credentials', async () => {
    const { port } = await microsocks(CREDENTIALS);
    const wrong = { ...CREDENTIALS, password: 'guess' };
    expect(await refusal('socks5', port, wrong)).toBe('upstream refused|message:AUTH_FAILED');
  });
});

describe('a dead upstream', () => {
  test.each(OURS)(
    '%s never becomes a direct connection',
    async (_, protocol, make, credentials) => {
      const upstream = await serve(make({ credentials }));
      const { port, web, heard } = await forwarded(protocol, upstream, credentials);
      await upstream.stop();
      const url = `http://127.0.0.1:${web.port}/`;
      expect(await absoluteForm(port, url)).toMatchObject({ status: 502 });
      expect(await connectTunnel(port, url)).toMatchObject({ status: 502 });
      expect(await socks5(port, url)).toMatchObject({ status: 0, socks: 1 });
      // Nor one that was removed, or one that never worked.
      expect(await loopwire.createWithId(port + 1, '1')).toBe(1);
      await expect(absoluteForm(port + 1, url)).rejects.toThrow('ECONNREFUSED');
      expect(web.asked).toEqual([]);
      await heard.until((texts) => texts.length >= 2);
    },
  );

  test('a target that is dead is not the upstream: the port stays online', async () => {
    const upstream = await serve(socksUpstream());
    const { port, web, heard } = await forwarded('socks5', upstream);
    await web.stop();
    const url = `http://127.0.0.1:${web.port}/`;
    expect(await socks5(port, url)).toMatchObject({ socks: 5 });
    expect(await connectTunnel(port, url)).toMatchObject({ status: 502 });
    expect(config(port).is_online).toBe(true);
    expect(heard.taken()).toEqual([]);
  });
});

test('`direct` of the list connects without a proxy', async () => {
  const { port, web } = await forwarded('direct', { port: undefined });
  const url = `http://127.0.0.1:${web.port}/`;
  for (const [, send] of WAYS) expect(await send(port, url)).toMatchObject({ status: 200 });
});
