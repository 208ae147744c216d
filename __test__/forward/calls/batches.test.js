// The functions that forward several ports, or one through any proxy: ports, proxies and events.
'use strict';

const net = require('node:net');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  after,
  config,
  deadPort,
  entry,
  forwarding,
  isFree,
  loopwire,
  provide,
  serve,
  tcp,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

const ANY = '{"list_type":-1}';
const only = (country) => JSON.stringify({ country, list_type: -1 });

/** The three, with the same arguments: `[name, (id, ports, n?) => Promise<number[]>]`. */
const BATCHES = [
  [
    'createProxyByPortConfigs',
    (id, ports, n) => loopwire.createProxyByPortConfigs(id, '1', ports, n),
  ],
  ['quickCreateProxies', (id, ports, n) => loopwire.quickCreateProxies(id, '1', ports, n)],
  ['createWithConfigure', (id, ports, n) => loopwire.createWithConfigure(id, ports, n, ANY)],
];

/** A range of `count` ports, each with a configuration that admits any proxy, and what is heard. */
async function ready({ count = 4, list }) {
  const set = await forwarding({ count, list });
  const ports = Array.from({ length: count }, (_, index) => set.start + index);
  const configs = Object.fromEntries(ports.map((port) => [port, {}]));
  expect(loopwire.setConfigPorts(JSON.stringify(configs))).toBe(0);
  return { ...set, ports, events: detailedEvents() };
}

/** As many proxies that work as there are ids. */
async function good(...ids) {
  const { port } = await serve(socksUpstream());
  return ids.map((id) => entry(id, 'socks5', port));
}

const completed = (requestId, forwarded, failed = [], skipped = []) => ({
  type: 'forwardListCompleted',
  payload: requestId,
  data: { requestId, forwarded, failed, skipped },
});

const errored = (requestId, reason, failed, more) => ({
  type: 'proxyError',
  payload: `${requestId}:req_proxy_config_error@${reason}`,
  data: { requestId, code: 'req_proxy_config_error', reason, failed, ...more },
});

/** Another program listens on that port. */
async function occupy(port) {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  after(() => server.close());
}

const proxyIds = (ports) => ports.map((port) => config(port).proxy_id);

describe.each(BATCHES)('%s', (_, create) => {
  test.each([
    ['a Uint32Array', (ports) => Uint32Array.from(ports)],
    ['an array', (ports) => [...ports]],
  ])('forwards the ports of %s, in their order, and ends once', async (_kind, form) => {
    const { ports, events } = await ready({ list: await good('one') });
    const wanted = [ports[2], ports[0], ports[3]];
    expect(await create('request: 7', form(wanted))).toEqual(wanted);
    expect(wanted.map((port) => loopwire.isRunningPort(port))).toEqual([1, 1, 1]);
    expect(loopwire.isRunningPort(ports[1])).toBe(0);
    const all = await events.all();
    const states = all.slice(0, -1);
    expect(states.map(({ data }) => data.port).sort()).toEqual([...wanted].sort());
    for (const { type, data } of states) {
      expect([type, data.online, data.reason]).toEqual(['portStateUpdate', true, 'forwarded']);
    }
    expect(all.at(-1)).toEqual(completed('request: 7', wanted));
  });

  test('n is how many of them are used', async () => {
    const { ports, events } = await ready({ list: await good('one') });
    expect(await create('r', ports, 2)).toEqual(ports.slice(0, 2));
    expect(loopwire.isRunningPort(ports[2])).toBe(0);
    expect(await create('none', ports, 0)).toEqual([]);
    expect(await events.ends()).toEqual([completed('r', ports.slice(0, 2)), completed('none', [])]);
  });

  test('an empty batch completes', async () => {
    const { events } = await ready({ list: [] });
    expect(await create('r', [])).toEqual([]);
    expect(await events.all()).toEqual([completed('r', [])]);
  });

  test('a port that is there twice is forwarded once', async () => {
    const { ports, events } = await ready({ list: await good('one') });
    expect(await create('r', [ports[1], ports[1]])).toEqual([ports[1]]);
    expect(await events.ends()).toEqual([completed('r', [ports[1]])]);
  });

  test('mixed outcomes are one completion, with each port in its place', async () => {
    const { ports, events } = await ready({ list: await good('one') });
    await occupy(ports[1]);
    const outside = ports[3] + 1;
    loopwire.putConfigPort(outside, '{}');
    expect(await create('r', [outside, ports[2], ports[1], ports[0]])).toEqual([
      ports[2],
      ports[0],
    ]);
    expect(await events.ends()).toEqual([
      completed('r', [ports[2], ports[0]], [outside, ports[1]]),
    ]);
  });

  test('when all fail it is one proxyError with the first reason, and nothing is kept', async () => {
    const { ports, events } = await ready({ list: [entry('x', 'socks5', await deadPort())] });
    expect(await create('r', ports.slice(0, 2))).toEqual([]);
    expect(await events.all()).toEqual([errored('r', 'upstream unreachable', ports.slice(0, 2))]);
    expect(loopwire.sdkGetLastError()).toMatch(
      new RegExp(`^port ${ports[0]}: upstream unreachable: connect ECONNREFUSED `),
    );
    expect(loopwire.getConfigsJSON()).toBe('[]');
    expect(await isFree(ports[0])).toBe(true);
  });

  test('further candidates are tried, once each, until one handshakes', async () => {
    let tried = 0;
    const abrupt = await tcp((socket) => {
      tried += 1;
      socket.destroy();
    });
    const bad = ['a', 'b', 'c'].map((id) => entry(id, 'socks5', abrupt));
    const { ports, events } = await ready({ list: [...bad, ...(await good('last'))] });
    expect(await create('r', [ports[0]])).toEqual([ports[0]]);
    expect(config(ports[0]).proxy_id).toBe('last');
    expect(tried).toBe(3);

    provide(bad);
    expect(await create('again', [ports[1]])).toEqual([]);
    expect(tried).toBe(6);
    const ends = await events.ends();
    expect(ends[1]).toEqual(errored('again', 'upstream closed', [ports[1]]));
  });

  test('unused proxies come first, and one may serve several ports', async () => {
    const { ports } = await ready({ count: 6, list: await good('a', 'b', 'c') });
    await create('r', ports.slice(0, 3));
    expect(proxyIds(ports.slice(0, 3)).sort()).toEqual(['a', 'b', 'c']);
    loopwire.removePort(ports[1]);
    const unused = ['a', 'b', 'c'].find((id) => !proxyIds([ports[0], ports[2]]).includes(id));
    await create('r', [ports[3]]);
    expect(config(ports[3]).proxy_id).toBe(unused);
    await create('r', ports.slice(4));
    expect(
      loopwire
        .stats()
        .upstreams.map((one) => one.ports)
        .sort(),
    ).toEqual([1, 2, 2]);
  });

  test('no provider', async () => {
    const { ports, events } = await ready({});
    expect(await create('r', ports.slice(0, 2))).toEqual([]);
    expect(await events.ends()).toEqual([errored('r', 'no provider', ports.slice(0, 2))]);
  });
});

describe('createProxyByPortConfigs', () => {
  test('forwards each port by its own configuration, and skips ports without one', async () => {
    const [de, hk] = await good('de', 'hk');
    const list = [
      { ...de, country_code: 'DE', city: 'Berlin' },
      { ...hk, country_code: 'HK' },
    ];
    const { start, ...set } = await forwarding({ count: 4, list });
    const events = detailedEvents();
    const configs = { [start]: { country: ['HK'] }, [start + 2]: { port: 1, city: 'berlin' } };
    expect(loopwire.setConfigPorts(Buffer.from(JSON.stringify(configs)))).toBe(0);
    const all = [start, start + 1, start + 2];
    const made = await loopwire.createProxyByPortConfigs('r', '2', all);
    expect(made).toEqual([start, start + 2]);
    expect(proxyIds(made)).toEqual(['hk', 'de']);
    expect(config(start)).toMatchObject({ plan: '2', country_code: 'HK', manual: true });
    expect(await events.ends()).toEqual([completed('r', made, [], [start + 1])]);

    // All skipped is no failure.
    expect(await loopwire.createProxyByPortConfigs('s', '1', [start + 1, start + 3])).toEqual([]);
    expect(await events.ends()).toEqual([completed('s', [], [], [start + 1, start + 3])]);
    expect(set.heard.taken().length).toBeGreaterThan(0);
  });

  test('a port whose configuration nothing matches fails, and beside it others work', async () => {
    const { ports, events } = await ready({ list: await good('one') });
    const none = { country: ['AQ'] };
    expect(loopwire.putConfigPort(ports[0], JSON.stringify(none))).toBe(0);
    expect(await loopwire.createProxyByPortConfigs('r', '1', ports.slice(0, 2))).toEqual([
      ports[1],
    ]);
    expect(await loopwire.createProxyByPortConfigs('s', '1', [ports[0]])).toEqual([]);
    expect(await events.ends()).toEqual([
      completed('r', [ports[1]], [ports[0]]),
      errored('s', 'no port available', [ports[0]]),
    ]);
  });

  test('a proxyError lists skipped ports, too', async () => {
    const { start } = await forwarding({ list: [] });
    const events = detailedEvents();
    loopwire.putConfigPort(start, '{"country":["AQ"]}');
    await loopwire.createProxyByPortConfigs('r', '1', [start, start + 1]);
    const skipped = { skipped: [start + 1] };
    expect(await events.ends()).toEqual([errored('r', 'no port available', [start], skipped)]);
  });
});

describe('quickCreateProxies', () => {
  test('uses the configuration of a port if it has one, otherwise any proxy', async () => {
    const [de, hk] = await good('de', 'hk');
    const list = [
      { ...de, country_code: 'DE' },
      { ...hk, country_code: 'HK' },
    ];
    const { start } = await forwarding({ list });
    loopwire.putConfigPort(start, '{"country":["HK"]}');
    expect(await loopwire.quickCreateProxies('r', '1', [start, start + 1])).toHaveLength(2);
    expect(proxyIds([start, start + 1])).toEqual(['hk', 'de']);
  });

  test('onlyFree 1 skips ports that are in use, 0 tries all', async () => {
    const { ports, events } = await ready({ list: await good('a', 'b') });
    await occupy(ports[1]);
    await loopwire.createWithId(ports[0], 'a');
    await events.all();
    const wanted = Uint32Array.from(ports.slice(0, 3));

    expect(await loopwire.quickCreateProxies('free', '1', wanted, 3, 1)).toEqual([ports[2]]);
    expect(proxyIds([ports[0], ports[2]])).toEqual(['a', 'b']);
    expect(await loopwire.quickCreateProxies('none', '1', wanted, 3, 1)).toEqual([]);
    expect(await events.ends()).toEqual([
      completed('free', [ports[2]], [], ports.slice(0, 2)),
      completed('none', [], [], ports.slice(0, 3)),
    ]);

    loopwire.removePort(ports[2]);
    await events.all();
    expect(await loopwire.quickCreateProxies('all', '1', wanted, 3, 0)).toEqual([
      ports[0],
      ports[2],
    ]);
    // The port that was there has another proxy now: its own was in use, the other was not.
    expect(config(ports[0]).proxy_id).toBe('b');
    expect(await events.ends()).toEqual([completed('all', [ports[0], ports[2]], [ports[1]])]);
  });
});

describe('quickCreateAtPort', () => {
  test('uses the configuration of its port, and ends as createWithId does', async () => {
    const [de, hk] = await good('de', 'hk');
    const list = [
      { ...de, country_code: 'DE' },
      { ...hk, country_code: 'HK' },
    ];
    const { start } = await forwarding({ list });
    const events = detailedEvents();
    expect(await loopwire.quickCreateAtPort(start, 'any', '3')).toBe(0);
    expect(config(start)).toMatchObject({ proxy_id: 'de', plan: '3' });
    loopwire.putConfigPort(start, '{"country":["HK","US"]}');
    expect(await loopwire.quickCreateAtPort(start, 'configured')).toBe(0);
    expect(config(start)).toMatchObject({ proxy_id: 'hk', plan: '1' });
    expect(await events.ends()).toEqual([
      completed('any', [start]),
      completed('configured', [start]),
    ]);
  });

  test.each([
    ['no port available', 'nothing fits', { config: '{"country":["AQ"]}' }],
    ['port out of range', 'the port is none of ours', { offset: 4 }],
    ['upstream unreachable', 'the only proxy is dead', { dead: true }],
  ])('%s: %s', async (reason, _, { config: filter = '{}', offset = 0, dead }) => {
    const list = dead ? [entry('x', 'http', await deadPort())] : await good('one');
    const { start } = await forwarding({ list });
    const events = detailedEvents();
    const port = start + offset;
    loopwire.putConfigPort(port, filter);
    expect(await loopwire.quickCreateAtPort(port, 'r')).toBe(1);
    expect(await events.all()).toEqual([errored('r', reason, [port])]);
    const last = loopwire.sdkGetLastError();
    expect(last.startsWith(`port ${port}: ${reason}`)).toBe(true);
    expect(loopwire.isRunningPort(port)).toBe(0);
  });
});

describe('createWithConfigure', () => {
  test.each([
    ['text', (json) => json],
    ['a Buffer', (json) => Buffer.from(json)],
  ])('a filter as %s: country, and plan and action as it has them', async (_, form) => {
    const [de, hk] = await good('de', 'hk');
    const list = [
      { ...de, country_code: 'DE' },
      { ...hk, country_code: 'HK', state: '', city: 'Kowloon', isp: 'One' },
    ];
    const { start } = await forwarding({ list });
    // The port's own configuration is not asked.
    loopwire.putConfigPort(start, '{"country":["DE"]}');
    const filter = { plan: '5', country: 'hk', isp: 'one', list_type: -1, action: 'auto' };
    const ports = Uint32Array.of(start, start + 1);
    const made = await loopwire.createWithConfigure('r', ports, 2, form(JSON.stringify(filter)));
    expect(made).toEqual([start, start + 1]);
    for (const port of made) {
      expect(config(port)).toMatchObject({ proxy_id: 'hk', plan: '5', manual: false });
    }
  });

  test('a filter that nothing matches: no port available', async () => {
    const { ports, events } = await ready({ list: await good('one') });
    expect(await loopwire.createWithConfigure('r', ports, 2, only('AQ'))).toEqual([]);
    expect(await events.all()).toEqual([errored('r', 'no port available', ports.slice(0, 2))]);
  });

  test.each([
    ['not valid JSON', '{'],
    ['`list_type` must be -1', '{"list_type":1}'],
    ['`isp` must be a string', '{"isp":7}'],
    ['must be an object', '[]'],
  ])('a filter that is none (%s): empty, a text, and one event', async (says, json) => {
    const { ports, events } = await ready({ list: await good('one') });
    expect(await loopwire.createWithConfigure('r', ports, 1, json)).toEqual([]);
    expect(loopwire.sdkGetLastError()).toMatch(/^createWithConfigure: /);
    expect(loopwire.sdkGetLastError()).toContain(says);
    expect(await events.all()).toEqual([errored('r', 'filter invalid', ports.slice(0, 1))]);
    expect(loopwire.ports()).toEqual([]);
  });
});
