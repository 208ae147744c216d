// Online and offline: an upstream that fails and recovers, noticed by traffic and by checks.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { absoluteForm, connectTunnel, socks5 } = require('../../../examples/demo/requests.cjs');
const { httpUpstream, origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { microsocks } = require('../../support/forward/daemons/daemons.cjs');
const {
  config,
  entry,
  event,
  forwarding,
  loopwire,
  serve,
  tcp,
  until,
} = require('../../support/forward/forwarding.cjs');
const { needs } = require('../../support/needs.cjs');

const isLog = (text) => JSON.parse(text).type === 'log';

/** A port forwarded through an upstream that has to be there; the first two events are taken. */
async function forwarded(protocol, upstream, more) {
  const web = await serve(origin());
  const list = [entry('1', protocol, upstream.port, more)];
  const set = await forwarding({ list });
  expect(await loopwire.createWithId(set.start, '1')).toBe(0);
  await set.heard.until((texts) => texts.length === 2);
  set.heard.taken();
  return { ...set, port: set.start, url: `http://127.0.0.1:${web.port}/`, web };
}

describe.each([
  ['HTTP', 'http', httpUpstream],
  ['SOCKS5', 'socks5', socksUpstream],
])('an upstream (%s) that dies and recovers', (_, protocol, make) => {
  test('is seen on real traffic, once each', async () => {
    const upstream = await serve(make());
    const { heard, port, url } = await forwarded(protocol, upstream);
    expect(await absoluteForm(port, url)).toMatchObject({ status: 200 });

    await upstream.stop();
    for (let count = 0; count < 3; count += 1) {
      expect(await connectTunnel(port, url)).toMatchObject({ status: 502 });
    }
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
    expect(config(port)).toMatchObject({
      is_online: false,
      last_error: expect.stringContaining('the upstream cannot be reached'),
    });

    await upstream.start();
    for (let count = 0; count < 3; count += 1) {
      expect(await socks5(port, url)).toMatchObject({ status: 200 });
    }
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
    expect(config(port).is_online).toBe(true);
  });

  test('is seen by the idle check and by a probe, once each', async () => {
    const upstream = await serve(make());
    const { heard, port } = await forwarded(protocol, upstream);
    loopwire.configure({ idleCheckMs: 100 });
    // Checks that find nothing new say nothing.
    await sleep(400);
    expect(heard.taken()).toEqual([]);

    await upstream.stop();
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
    expect(config(port).is_online).toBe(false);

    await upstream.start();
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
    expect(config(port).is_online).toBe(true);
  });
});

test('an upstream that hangs takes its port offline by the check, within the handshake timeout', async () => {
  let hangs = false;
  const upstream = {
    port: await tcp((socket) => {
      socket.on('data', () => hangs || socket.write(Buffer.from([5, 0])));
    }),
  };
  const { heard, port } = await forwarded('socks5', upstream);
  hangs = true;
  loopwire.configure({ idleCheckMs: 50, handshakeTimeoutMs: 200 });
  await heard.count(1);
  expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
  expect(config(port).last_error).toBe('the upstream did not answer in time');
});

test('without an idle check a failure is not noticed while there is no traffic', async () => {
  const upstream = await serve(socksUpstream());
  const { heard, port } = await forwarded('socks5', upstream);
  await upstream.stop();
  await sleep(500);
  expect(heard.taken()).toEqual([]);
  expect(config(port).is_online).toBe(true);
});

test('a probe target is what HTTP upstreams are checked by', async () => {
  const upstream = await serve(httpUpstream());
  const web = await serve(origin());
  loopwire.configure({ probe: { host: '127.0.0.1', port: web.port } });
  try {
    const { heard, port } = await forwarded('http', upstream);
    expect(upstream.asked).toContain(`CONNECT 127.0.0.1:${web.port}`);
    await web.stop();
    loopwire.configure({ idleCheckMs: 50 });
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', port)]);
    expect(config(port)).toMatchObject({ is_online: false });
  } finally {
    loopwire.configure({ probe: null });
  }
});

needs('microsocks').test('microsocks is killed and started again', async () => {
  const upstream = await microsocks();
  const { heard, port, url } = await forwarded('socks5', upstream);
  await upstream.stop();
  expect(await socks5(port, url)).toMatchObject({ status: 0 });
  await microsocks(undefined, upstream.port);
  // Traffic or the probe, whichever comes first: one event for each change.
  await until(async () => (await socks5(port, url)).status === 200);
  await heard.count(2);
  expect(heard.taken()).toEqual([event('portStateUpdate', port), event('portStateUpdate', port)]);
});

describe('getConfigJSON', () => {
  test('has the published keys in their order, then ours', async () => {
    const upstream = await serve(httpUpstream());
    const place = { country_code: 'DE', city: 'Berlin', public_ip: '192.0.2.7' };
    const { port } = await forwarded('http', upstream, place);
    const text = loopwire.getConfigJSON(port);
    const said = JSON.parse(text);
    expect(Object.keys(said)).toEqual(
      (
        'proxy_id plan country_code address binding_type Index client_country_code is_online city ' +
        'public_ip origin_id server_id last_refresh count_refresh prepare_start_date manual ' +
        'action_type streams bw upstream latency_ms last_error connections'
      ).split(' '),
    );
    expect(Object.keys(said.bw)).toEqual(
      'id bw_up bw_down session_time bytes_write bytes_read'.split(' '),
    );
    expect(said).toMatchObject({
      ...place,
      proxy_id: '1',
      plan: '1',
      address: `127.0.0.1:${port}`,
      Index: port,
      is_online: true,
      manual: true,
      action_type: 1,
      upstream: `http://127.0.0.1:${upstream.port}`,
      last_error: null,
      connections: 0,
    });
    expect(Math.abs(said.last_refresh - Date.now() / 1000)).toBeLessThan(60);
  });

  test('its counters are live', async () => {
    const upstream = await serve(socksUpstream());
    const { port } = await forwarded('socks5', upstream);
    const echo = await tcp((socket) => socket.pipe(socket));
    const socket = require('node:net').connect(port, '127.0.0.1');
    const heard = [];
    socket.on('data', (bytes) => heard.push(bytes));
    const received = () => Buffer.concat(heard).length;
    try {
      socket.write(Buffer.from([5, 1, 0]));
      await until(() => received() === 2);
      socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255]));
      await until(() => received() === 12);
      socket.write(Buffer.alloc(100_000));
      await until(() => received() === 100_012);
      // A byte is counted once it is written, when its reader may have it already.
      await until(() => config(port).bw.bw_down === 100_000);
      expect(config(port)).toMatchObject({
        streams: 1,
        connections: 1,
        bw: { bw_up: 100_000, bw_down: 100_000, bytes_write: 100_000, bytes_read: 100_000 },
      });
    } finally {
      socket.destroy();
    }
    await until(() => config(port).streams === 0, 'no stream');
    expect(config(port).connections).toBe(1);
  });

  test('is {} for a port that is not forwarded', async () => {
    const { start } = await forwarding();
    expect(loopwire.getConfigJSON(start)).toBe('{}');
  });
});

test('enableDebug: log events say what happens, and only then', async () => {
  const upstream = await serve(httpUpstream());
  const { heard, port, url } = await forwarded('http', upstream);
  await upstream.stop();
  await absoluteForm(port, url);
  await heard.count(1);
  expect(heard.taken()).toEqual([event('portStateUpdate', port)]);

  loopwire.enableDebug();
  await absoluteForm(port, url);
  await heard.until((texts) => texts.some(isLog), 'a log event');
  const log = heard.taken().find(isLog);
  expect(log).toMatch(/^\{"type":"log","payload":"[^"]*the upstream cannot be reached[^"]*"\}$/);
});
