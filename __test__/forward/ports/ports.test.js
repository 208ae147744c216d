// Ports: the range and its events, free and forwarded ports, tests of a port, configurations.
'use strict';

const net = require('node:net');
const { httpUpstream, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  after,
  config,
  deadPort,
  entry,
  forwarding,
  loopwire,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

const row = (start, count) => Array.from({ length: count }, (_, index) => start + index);

/** A range of `count` ports, proxies in two countries, and the first port forwarded. */
async function ready(count = 6) {
  const upstream = await serve(socksUpstream());
  const list = [
    entry('us', 'socks5', upstream.port, { country_code: 'US' }),
    entry('hk', 'socks5', upstream.port, { country_code: 'HK' }),
  ];
  const { start } = await forwarding({ count, list });
  expect(await loopwire.createWithId(start, 'us')).toBe(0);
  return { start, upstream, events: detailedEvents() };
}

/** Another program listens there. */
async function occupy(port) {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  after(() => server.close());
}

describe('setRangePort', () => {
  test('the end is inclusive, and the change causes one event', async () => {
    const { start, events } = await ready();
    expect(loopwire.setRangePort(start, start + 2)).toBe(0);
    expect(loopwire.setRangePort(start, start + 2)).toBe(0);
    expect(loopwire.getPorts()).toEqual(row(start, 3));
    expect(loopwire.setRangePort(start, start)).toBe(0);
    expect(loopwire.getPorts()).toEqual([start]);
    expect((await events.all()).map(({ type, payload }) => [type, payload])).toEqual([
      ['settingPortChange', `${start}:3`],
      ['settingPortChange', `${start}:1`],
    ]);
  });

  test('a shrunken range removes what falls out of it: portRemoved', async () => {
    const { start, events } = await ready();
    expect(await loopwire.createWithId(start + 5, 'us')).toBe(0);
    expect(loopwire.setRangePort(start, start + 4)).toBe(0);
    const removed = await events.find('portRemoved');
    expect(removed.data).toEqual({ port: start + 5, reason: 'port out of range' });
    expect([start, start + 5].map((port) => loopwire.isRunningPort(port))).toEqual([1, 0]);
  });

  test('an end before the start: a RangeError that mentions the C form', async () => {
    const { start } = await ready();
    expect(() => loopwire.setRangePort(start, 20)).toThrow(
      expect.objectContaining({
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringContaining('C form SetRangePort(start, count)'),
      }),
    );
    expect(loopwire.getPorts()).toEqual(row(start, 6));
  });
});

test('the ports of the range, and the free ones', async () => {
  const { start } = await ready();
  await occupy(start + 2);
  expect(loopwire.getPorts()).toEqual(row(start, 6));
  expect(loopwire.getPortsWithLimit(2)).toEqual(row(start, 2));
  expect(loopwire.getPortsWithLimit(0)).toEqual([]);
  expect(loopwire.getPortsWithLimit(99)).toEqual(row(start, 6));
  expect(loopwire.getPortsWithStartLimit(start + 3, 2)).toEqual(row(start + 3, 2));
  expect(loopwire.getPortsWithStartLimit(start + 5, 9)).toEqual([start + 5]);
  expect(loopwire.getPortsWithStartLimit(start + 6, 9)).toEqual([]);
  expect(loopwire.getPortsFreeWithLimit(2)).toEqual([start + 1, start + 3]);
  expect(loopwire.getPortsFreeWithLimit(9)).toEqual([start + 1, ...row(start + 3, 3)]);
  const asked = [start + 4, start, start + 2, start + 1];
  expect(loopwire.getPortsAvailable(asked)).toEqual([start + 4, start + 1]);
  expect(loopwire.getPortsAvailable(Uint32Array.from(asked), 3)).toEqual([start + 4]);
  expect(row(start, 3).map((port) => loopwire.isRunningPort(port))).toEqual([1, 0, 0]);
  expect(row(start, 3).map((port) => loopwire.checkPortAvailable(port))).toEqual([0, 1, 0]);
  loopwire.removePort(start);
  await until(() => loopwire.checkPortAvailable(start) === 1, 'a free port');
  expect(loopwire.isRunningPort(start)).toBe(0);
});

test('the default range, 60000:100, causes one event', async () => {
  const events = detailedEvents();
  expect(loopwire.getPorts()).toEqual(row(60_000, 100));
  expect(loopwire.getPortsWithLimit(1)).toEqual([60_000]);
  expect((await events.all()).map(({ type, payload }) => [type, payload])).toEqual([
    ['settingPortChange', '60000:100'],
  ]);
});

describe('testPort', () => {
  test('1 while the upstream works, 0 and offline when it has stopped, 1 again', async () => {
    const { start, upstream, events } = await ready();
    expect(await loopwire.testPort(start)).toBe(1);
    expect(await loopwire.testPort(start + 1)).toBe(0);
    expect(await events.all()).toEqual([]);
    await upstream.stop();
    expect(await loopwire.testPort(start)).toBe(0);
    expect((await events.find('portStateUpdate', start)).data.online).toBe(false);
    expect(config(start).is_online).toBe(false);
    await upstream.start();
    expect(await loopwire.testPort(start)).toBe(1);
    expect(config(start).is_online).toBe(true);
  });

  test('0 when the upstream does not reach the probe target', async () => {
    const upstream = await serve(httpUpstream());
    const { start } = await forwarding();
    await loopwire.forward({ port: start, upstream: `http://127.0.0.1:${upstream.port}` });
    expect(await loopwire.testPort(start)).toBe(1);
    const before = upstream.asked.length;
    loopwire.configure({ probe: { host: '127.0.0.1', port: await deadPort() } });
    after(() => loopwire.configure({ probe: null }));
    expect(await loopwire.testPort(start)).toBe(0);
    expect(upstream.asked.length).toBeGreaterThan(before);
  });
});

describe('configurations', () => {
  test('getConfigsJSON: the result of getConfigJSON for each forwarded port, in order', async () => {
    expect(loopwire.getConfigsJSON()).toBe('[]');
    const { start } = await ready();
    await loopwire.createWithId(start + 2, 'hk');
    await loopwire.createWithId(start + 1, 'us');
    const all = JSON.parse(loopwire.getConfigsJSON());
    expect(all).toEqual(row(start, 3).map(config));
    expect(all.map(({ proxy_id }) => proxy_id)).toEqual(['us', 'us', 'hk']);
  });

  test.each([
    ['text', (json) => [json]],
    ['a Buffer', (json) => [Buffer.from(json)]],
    ['a Buffer of which a part counts', (json) => [Buffer.from(`${json}}}rest`), json.length]],
  ])('putConfigPort takes %s, and its argument wins', async (_, form) => {
    const { start } = await ready();
    const json = `{"country":["HK"],"port":${start + 2}}`;
    expect(loopwire.putConfigPort(start + 1, ...form(json))).toBe(0);
    // The one that is used more, too, if the filter says so.
    expect(await loopwire.createProxyByPortConfigs('r', '1', row(start + 1, 2))).toEqual([
      start + 1,
    ]);
    expect(config(start + 1)).toMatchObject({ proxy_id: 'hk', country_code: 'HK' });
  });

  test('setConfigPorts: the key overrides the port inside; one bad entry sets none', async () => {
    const { start } = await ready();
    const bad = `{"${start + 1}":{"country":["HK"]},"${start + 2}":7}`;
    expect(loopwire.setConfigPorts(bad)).toBe(1);
    expect(loopwire.sdkGetLastError()).not.toBe('');
    expect(loopwire.putConfigPort(start + 1, 'no JSON')).toBe(1);
    expect(await loopwire.createProxyByPortConfigs('none', '1', row(start + 1, 2))).toEqual([]);
    const json = `{"${start + 1}":{"country":["HK"],"port":${start + 2}}}`;
    expect(loopwire.setConfigPorts(Buffer.from(`${json}!`), json.length)).toBe(0);
    expect(await loopwire.createProxyByPortConfigs('r', '1', row(start + 1, 2))).toEqual([
      start + 1,
    ]);
    expect(config(start + 1).proxy_id).toBe('hk');
  });
});
