// Timed renewal: the requests to the provider, their number, and removal at the limit.
'use strict';

const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { start: startProvider } = require('../../../examples/provider');
const {
  after,
  config,
  entry,
  forwarding,
  loopwire,
  serve,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

/** Ports that are forwarded through the proxy `1` of an HTTP provider, renewed each second from now on. */
async function renewing({ count = 1, limit = 0, only = 0, configs = {} } = {}) {
  const upstream = await serve(socksUpstream());
  const provider = await startProvider({ list: [entry('1', 'socks5', upstream.port)] });
  after(() => provider.stop());
  const { start } = await forwarding({ count: 4 });
  loopwire.setAPIHost(provider.url);
  const ports = Array.from({ length: count }, (_, index) => start + index);
  for (const port of ports) expect(await loopwire.createWithId(port, '1', '7', 'auto')).toBe(0);
  const events = detailedEvents();
  for (const [at, json] of Object.entries(configs)) {
    loopwire.putConfigPort(ports[at], JSON.stringify(json));
  }
  provider.requests.splice(0);
  expect(loopwire.setRenewSetting(1, limit, only)).toBe(0);
  expect(loopwire.enableAutoRenew(1)).toBe(0);
  return { ports, events, provider, upstream };
}

const renewed = (port) => ({
  type: 'portStateUpdate',
  payload: String(port),
  data: { port, online: true, reason: 'renewed' },
});

const renewalFailed = ({ type, payload }) => type === 'log' && payload.includes('Renew failed');

test('the getters tell what was set', () => {
  const get = () => [
    loopwire.getEnableAutoRenew(),
    loopwire.getAutoRefreshProxyRateLimit(),
    loopwire.getAutoRefreshProxyCountLimit(),
  ];
  expect(get()).toEqual([0, 60, 100]);
  expect(loopwire.setRenewSetting(90, 0, 1)).toBe(0);
  expect(loopwire.enableAutoRenew(1)).toBe(0);
  expect(get()).toEqual([1, 90, 0]);
  expect(loopwire.enableAutoRenew(0)).toBe(0);
  expect(get()).toEqual([0, 90, 0]);
});

test('count_refresh rises by one each time, and at the limit the port is removed', async () => {
  const { ports, events, provider } = await renewing({ limit: 2 });
  const [port] = ports;
  const before = config(port);
  expect(before.count_refresh).toBe(0);
  for (const count of [1, 2]) {
    expect(await events.find('portStateUpdate', port)).toEqual(renewed(port));
    const { count_refresh: times, last_refresh: when, proxy_id: id } = config(port);
    expect([times, id]).toEqual([count, '1']);
    expect(when).toBeGreaterThan(before.last_refresh);
  }
  expect(await events.find('portRemoved', port)).toMatchObject({
    data: { port, reason: 'renew limit' },
  });
  expect(loopwire.isRunningPort(port)).toBe(0);
  expect(provider.requests.map(({ path, query }) => [path, query])).toEqual(
    Array.from({ length: 2 }, () => ['/proxies/1', { plan: '7', action: 'auto' }]),
  );
});

test('500 at renewal: the port stays as it is', async () => {
  const { ports, events, provider } = await renewing();
  const [port] = ports;
  loopwire.enableDebug();
  provider.say({ status: 500, body: { message: 'OUT_OF_ORDER' } });
  // That the answer was read and judged is told in the log alone.
  const heard = await events.until(renewalFailed);
  expect(heard.at(-1).payload).toContain('status:500|message:OUT_OF_ORDER');
  expect(config(port)).toMatchObject({ is_online: true, count_refresh: 0 });
  const told = [...heard, ...(await events.all())].filter(({ type }) => type !== 'log');
  expect(told).toEqual([]);
});

test.each([404, 410])('%i at renewal: portRemoved', async (status) => {
  const { ports, events, provider } = await renewing();
  const [port] = ports;
  provider.say({ status, body: { message: 'EXPIRED' } });
  expect(await events.find('portRemoved', port)).toMatchObject({
    data: { port, reason: `status:${status}|message:EXPIRED` },
  });
  expect(loopwire.isRunningPort(port)).toBe(0);
  expect(provider.requests).toHaveLength(1);
});

test('onlyPortHasConfig 1, and refresh: false: which ports are left alone', async () => {
  const configs = { 1: {}, 2: { refresh: false } };
  const { ports, events } = await renewing({ count: 3, only: 1, configs });
  for (let count = 1; count <= 2; count += 1) {
    expect(await events.find('portStateUpdate')).toEqual(renewed(ports[1]));
  }
  expect(ports.map((port) => config(port).count_refresh)).toEqual([0, 2, 0]);
  loopwire.setRenewSetting(1, 0, 0);
  expect(await events.find('portStateUpdate', ports[0])).toEqual(renewed(ports[0]));
  expect(config(ports[2]).count_refresh).toBe(0);
});

test('enableAutoRenew(0) ends it', async () => {
  const { ports, events, provider } = await renewing();
  await events.find('portStateUpdate', ports[0]);
  expect(loopwire.enableAutoRenew(0)).toBe(0);
  provider.requests.splice(0);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(provider.requests).toEqual([]);
  expect(config(ports[0]).count_refresh).toBe(1);
});
