// The reference provider in examples/provider: its answers, and answers that tests prepare.
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { start } = require('../../examples/provider');
const { needs } = require('../support/needs.cjs');

const folder = path.resolve(__dirname, '..', '..', 'examples', 'provider');
const proxy = (id, place) => ({ id, protocol: 'http', host: '127.0.0.1', port: 1, ...place });
const list = [
  proxy('a', { country_code: 'US', state: 'New York', isp: 'One' }),
  proxy('b/ü', { country_code: 'hk' }),
  proxy('c', { country_code: 'VN' }),
  proxy('d', { country_code: 'US', state: 'Ohio', isp: 'One' }),
];

let provider;
/** Starts the test's provider. @param {Partial<import('../../examples/provider/server.cjs').Options>} [options] */
async function serve(options) {
  provider = await start({ list, ...options });
  return provider;
}
afterEach(() => provider?.stop());

async function ask(target, init) {
  const answer = await fetch(provider.url + target, init);
  return [answer.status, await answer.json()];
}

test('one proxy, by its id', async () => {
  await serve();
  expect(await ask('/proxies/a')).toEqual([200, list[0]]);
  expect(await ask('/proxies/b%2F%C3%BC')).toEqual([200, list[1]]);
  expect(await ask('/proxies/nobody')).toEqual([404, { message: 'NOT_FOUND' }]);
  expect(await ask('/proxies/%ff')).toEqual([400, { message: 'VALIDATE_FAILED' }]);
  expect(await ask('/elsewhere')).toEqual([404, { message: 'NOT_FOUND' }]);
  expect(await ask('/proxies/a', { method: 'POST' })).toEqual([
    405,
    { message: 'METHOD_NOT_ALLOWED' },
  ]);
});

test.each([
  ['', ['a', 'b/ü', 'c', 'd']],
  ['?limit=2', ['a', 'b/ü']],
  ['?country=us', ['a', 'd']],
  ['?country=HK,VN', ['b/ü', 'c']],
  ['?country=HK&country=VN', ['b/ü', 'c']],
  ['?country=US&state=ohio&isp=one', ['d']],
  ['?city=Nowhere', []],
  ['?country=&plan=1&action=manual', ['a', 'b/ü', 'c', 'd']],
])('a pick with "%s"', async (query, ids) => {
  await serve();
  const [status, found] = await ask(`/proxies${query}`);
  expect([status, found.map(({ id }) => id)]).toEqual([200, ids]);
});

test.each(['0', '-1', '1.5', '1001', 'many'])('no pick has a limit of %s', async (limit) => {
  await serve();
  expect(await ask(`/proxies?limit=${limit}`)).toEqual([400, { message: 'VALIDATE_FAILED' }]);
});

test('requests without the key are refused', async () => {
  await serve({ key: 'k3y', base: '/sdk/v1/' });
  expect(provider.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sdk\/v1$/);
  const refused = [401, { message: 'UNAUTHORIZED' }];
  expect(await ask('/proxies/a')).toEqual(refused);
  expect(await ask('/proxies/a?api-key=other')).toEqual(refused);
  expect(await ask('/proxies/a?api-key=k3y')).toEqual([200, list[0]]);
  expect(await ask('/proxies/a', { headers: { 'X-Api-Key': 'k3y' } })).toEqual([200, list[0]]);
  provider.key = 'next';
  expect(await ask('/proxies/a?api-key=k3y')).toEqual(refused);
});

test('a list in a file is read again, and an unreadable one is reported', async () => {
  const file = path.join(os.tmpdir(), `loopwire-provider-${process.pid}.json`);
  await serve({ list: file });
  try {
    expect(await ask('/proxies')).toEqual([503, { message: 'LIST_UNREADABLE' }]);
    for (const one of list) {
      fs.writeFileSync(file, JSON.stringify([one]));
      expect(await ask('/proxies')).toEqual([200, [one]]);
    }
    fs.writeFileSync(file, '{}');
    expect(await ask('/proxies')).toEqual([503, { message: 'LIST_UNREADABLE' }]);
  } finally {
    fs.rmSync(file);
  }
});

test('prepared answers are used once each, and requests are recorded', async () => {
  await serve();
  provider.say(
    { status: 429, headers: { 'retry-after': '1' }, body: { message: 'SLOWLY' } },
    { body: 'not JSON' },
    { destroy: true },
    { delayMs: 50 },
  );
  const busy = await fetch(`${provider.url}/proxies/a?plan=1&x=%26`, { headers: { 'x-a': 'b' } });
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await busy.json()).toEqual({ message: 'SLOWLY' });
  const rubbish = await fetch(`${provider.url}/proxies`);
  expect([rubbish.status, await rubbish.text()]).toEqual([200, 'not JSON']);
  await expect(ask('/proxies')).rejects.toThrow('fetch failed');
  const begun = performance.now();
  expect(await ask('/proxies/a')).toEqual([200, list[0]]);
  // A timer of Node's may be a millisecond early.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(49);
  expect(await ask('/proxies/a')).toEqual([200, list[0]]);
  expect(provider.requests).toHaveLength(5);
  expect(provider.requests[0]).toMatchObject({
    method: 'GET',
    path: '/proxies/a',
    query: { plan: '1', x: '&' },
    headers: { 'x-a': 'b' },
  });
});

test('stopping ends what hangs, and may be done twice', async () => {
  await serve();
  provider.say({ hang: true }, { delayMs: 3_600_000 });
  const hanging = [ask('/proxies'), ask('/proxies')].map((one) =>
    expect(one).rejects.toThrow('fetch failed'),
  );
  await provider.until(2);
  const never = provider.until(3).catch((error) => error.name);
  const { url } = provider;
  await Promise.all([provider.stop(), ...hanging]);
  expect(await never).toBe('AbortError');
  await provider.stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

needs('openssl').test('it speaks TLS', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-provider-tls-'));
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => path.join(dir, name));
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', keyFile, '-out', certFile, '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
    const [key, cert] = [keyFile, certFile].map((file) => fs.readFileSync(file));
    await serve({ tls: { key, cert } });
    expect(provider.url).toMatch(/^https:/);
    const [answer] = await once(https.get(`${provider.url}/proxies/a`, { ca: cert }), 'response');
    expect(JSON.parse((await answer.toArray()).join(''))).toEqual(list[0]);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
});

/** @param {string[]} args @param {object} [env] */
const command = (args, env) =>
  spawn(process.execPath, [folder, ...args], { env: { ...process.env, ...env } });

test('as a program it prints its address and ends on a signal', async () => {
  const file = path.join(os.tmpdir(), `loopwire-provider-cli-${process.pid}.json`);
  fs.writeFileSync(file, JSON.stringify(list));
  const child = command(['--list', file, '--port', '0', '--base', '/v1'], { PROVIDER_KEY: 'k3y' });
  try {
    const [url] = await once(createInterface({ input: child.stdout }), 'line');
    expect((await fetch(`${url}/proxies/a`)).status).toBe(401);
    const answer = await fetch(`${url}/proxies/a?api-key=k3y`);
    expect(await answer.json()).toEqual(list[0]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    fs.rmSync(file);
  }
});

test('as a program without a list it names the missing argument', async () => {
  const child = command([]);
  const [said] = await once(createInterface({ input: child.stderr }), 'line');
  expect(said).toBe('--list FILE is missing: a JSON list of proxies');
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect(code).toBe(1);
});
