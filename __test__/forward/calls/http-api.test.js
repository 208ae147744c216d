// The local HTTP API through the package: forwarding, answers, releasing ports, refused requests, failed starts.
'use strict';

const http = require('node:http');
const net = require('node:net');
const { absoluteForm } = require('../../../examples/demo/requests.cjs');
const { origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  after,
  deadPort,
  entry,
  event,
  forwarding,
  isFree,
  loopwire,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');

/** What the API answers. */
async function ask(port, path, { method = 'GET', headers = {}, body } = {}) {
  const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    request.end(body);
  });
}

/** The same, its JSON parsed. */
async function json(...args) {
  const { status, text } = await ask(...args);
  return { status, ...JSON.parse(text) };
}

/** The API on a port of its own, and proxies to be had. */
async function started(options) {
  const upstream = await serve(socksUpstream());
  const list = ['DE', 'US'].map((code) =>
    entry(code, 'socks5', upstream.port, { country_code: code, city: `city of ${code}` }),
  );
  const set = await forwarding({ list });
  const api = await deadPort();
  expect(loopwire.startHttpApi(api, options)).toBe(0);
  return { ...set, api };
}

test('/api/proxy forwards a proxy that fits, and the port works', async () => {
  const { api, heard, start } = await started();
  const web = await serve(origin());
  const answer = await json(api, `/api/proxy?t=2&num=1&country=US&port=${start}`);
  expect(answer).toMatchObject({ status: 200, error: false, data: [`127.0.0.1:${start}`] });
  const url = `http://127.0.0.1:${web.port}/`;
  expect(await absoluteForm(start, url)).toMatchObject({ status: 200 });
  await heard.until((texts) => texts.length === 2);
  expect(JSON.parse(loopwire.getConfigJSON(start))).toMatchObject({
    proxy_id: 'US',
    country_code: 'US',
  });
  expect(JSON.parse(heard.taken()[0])).toEqual({
    type: 'portStateUpdate',
    payload: String(start),
  });
});

test('nothing that fits is 404, and no port that is free is 406', async () => {
  const { api, start } = await started();
  expect(await json(api, '/api/proxy?country=FR')).toMatchObject({ status: 404, error: true });
  expect(await json(api, '/api/proxy?num=4')).toMatchObject({ status: 200 });
  expect(await json(api, '/api/proxy?num=1')).toMatchObject({ status: 406, error: true });
  expect(await json(api, '/api/proxy?num=many')).toMatchObject({ status: 400, error: true });
  expect(loopwire.isRunningPort(start)).toBe(1);
});

test('port_check, port_status and port_free say and do what they are called', async () => {
  const { api, start } = await started();
  expect(await loopwire.createWithId(start, 'DE')).toBe(0);
  const check = await json(api, `/api/port_check?ports=${start},${start + 1}`);
  expect(check.data).toEqual([
    { port: start, online: true },
    { port: start + 1, online: false },
  ]);
  const status = await json(api, '/api/port_status');
  expect(status.data).toEqual([
    { address: `127.0.0.1:${start}`, city: 'city of DE', public_ip: '', online: true },
  ]);
  expect(await json(api, `/api/port_free?ports=${start}`)).toMatchObject({ error: false });
  await until(() => isFree(start), 'the port is free');
  expect((await json(api, '/api/port_status')).data).toEqual([]);
});

test('set_port_range is followed by settingPortChange', async () => {
  const { api, heard, start } = await started();
  const path = `/api/set_port_range?start_port=${start}&port_num=2`;
  expect(await json(api, path, { method: 'POST' })).toMatchObject({ status: 200, error: false });
  await heard.count(1);
  expect(heard.taken()).toEqual([event('settingPortChange', `${start}:2`)]);
  expect(loopwire.getPorts()).toEqual([start, start + 1]);
});

test('today_list gives what the provider lists', async () => {
  const { api } = await started();
  const { data } = await json(api, '/api/today_list?limit=1');
  expect(data).toEqual([{ id: 'DE', country_code: 'DE', city: 'city of DE', state: '', isp: '' }]);
});

test('a token, if there is one, is asked for; pages of other sites are refused', async () => {
  const token = loopwire.generateToken();
  const { api } = await started({ token });
  expect((await ask(api, '/api/port_status')).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await ask(api, '/api/port_status', { headers })).status).toBe(200);
  expect((await ask(api, `/api/port_status?token=${token}`)).status).toBe(200);
  for (const foreign of [
    { origin: 'https://evil.example' },
    { referer: 'https://evil.example/' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.example' },
  ]) {
    const { status } = await ask(api, '/api/port_status', { headers: { ...headers, ...foreign } });
    expect([foreign, status]).toEqual([foreign, 403]);
  }
});

test('an API that cannot start publishes httpError with the reason', async () => {
  const { heard } = await forwarding();
  const other = net.createServer();
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  after(() => other.close());
  expect(loopwire.startHttpApi(other.address().port)).toBe(1);
  expect(loopwire.sdkGetLastError()).toMatch(/^listen EADDRINUSE: /);
  await heard.count(1);
  expect(heard.taken()).toEqual([event('httpError', 'HTTP Start error')]);
});

test('started on another port it moves, and stopHttpApi ends it', async () => {
  const { api } = await started();
  const next = await deadPort();
  expect(loopwire.startHttpApi(next)).toBe(0);
  await until(() => isFree(api), 'the first port is free');
  expect((await ask(next, '/api/openapi.json')).status).toBe(200);
  expect(loopwire.stopHttpApi()).toBe(0);
  await until(() => isFree(next), 'the second port is free');
  expect(loopwire.stopHttpApi()).toBe(0);
});

test('shutdown ends it, too', async () => {
  const { api } = await started();
  await loopwire.shutdown();
  expect(await isFree(api)).toBe(true);
});
