// Rotation on command, by time and on error; and open tunnels.
'use strict';

const { once } = require('node:events');
const net = require('node:net');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { take } = require('../../../examples/demo/server.cjs');
const {
  after,
  config,
  deadPort,
  entry,
  forwarding,
  loopwire,
  serve,
  tcp,
  until,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

/** Ports that are forwarded through `ids[0]`, with `ids` to choose from; each is an upstream of its own. */
async function rotating(ids = ['a', 'b'], options) {
  const upstreams = await Promise.all(ids.map(() => serve(socksUpstream())));
  const list = ids.map((id, at) => entry(id, 'socks5', upstreams[at].port));
  const { start } = await forwarding({ list });
  await loopwire.forward({ port: start, upstream: { id: ids[0] }, ...options });
  const events = detailedEvents();
  return { port: start, events, upstreams, list };
}

const state = (port, reason) => ({
  type: 'portStateUpdate',
  payload: String(port),
  data: { port, online: true, reason },
});

const failed = (promise) =>
  promise.then(
    () => 'it did not fail',
    ({ code, message }) => [code, message],
  );

/** A tunnel through a local port, to a server that echoes. */
async function tunnelled(port) {
  const echo = await tcp((socket) => socket.pipe(socket));
  const socket = net.connect(port, '127.0.0.1');
  after(() => socket.destroy());
  const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
  socket.write(`CONNECT 127.0.0.1:${echo} HTTP/1.1\r\n\r\n`);
  await take(socket, 'HTTP/1.1 200 Connection established\r\n\r\n'.length);
  const says = async (text) => {
    socket.write(text);
    return String(await take(socket, text.length));
  };
  expect(await says('ping')).toBe('ping');
  return { socket, closed, says };
}

test('rotation never picks `direct`: a dead upstream is not replaced by a direct connection', async () => {
  const upstream = await serve(socksUpstream());
  const list = [{ id: 'd', protocol: 'direct' }, entry('a', 'socks5', upstream.port)];
  const { start } = await forwarding({ list });
  loopwire.configure({ rotateOnError: true });
  expect(await loopwire.quickCreateAtPort(start, 'r')).toBe(0);
  expect(config(start).proxy_id).toBe('a');
  const nothing = `port ${start}: no port available`;
  expect(await failed(loopwire.rotate(start))).toEqual(['req_proxy_config_error', nothing]);
  await upstream.stop();
  expect(await loopwire.testPort(start)).toBe(0);
  expect(await failed(loopwire.rotate(start))).toEqual(['req_proxy_config_error', nothing]);
  expect(await loopwire.quickCreateAtPort(start + 1, 'r')).toBe(1);
  expect(config(start)).toMatchObject({ proxy_id: 'a', is_online: false });
  loopwire.configure({ rotateOnError: false });
  // By its id it is somebody's word.
  expect(await loopwire.createWithId(start + 1, 'd')).toBe(0);
});

test('an upstream that was given inline is not replaced by one of the list', async () => {
  const { port, upstreams } = await rotating(['a', 'b']);
  const upstream = `socks5://127.0.0.1:${upstreams[0].port}`;
  await loopwire.forward({ port: port + 1, upstream });
  const nothing = `port ${port + 1}: no port available`;
  expect(await failed(loopwire.rotate(port + 1))).toEqual(['req_proxy_config_error', nothing]);
  expect(config(port + 1).proxy_id).toBe(upstream);
  // A configuration names some.
  expect(loopwire.putConfigPort(port + 1, '{}')).toBe(0);
  expect((await loopwire.rotate(port + 1)).proxyId).toBe('b');
});

describe('rotate', () => {
  test('resolves to the next proxy and its latency; one portStateUpdate', async () => {
    const { port, events, upstreams } = await rotating(['a', 'b']);
    const rotated = await loopwire.rotate(port);
    expect(rotated).toEqual({
      port,
      address: `127.0.0.1:${port}`,
      proxyId: 'b',
      upstream: `socks5://127.0.0.1:${upstreams[1].port}`,
      latencyMs: expect.any(Number),
    });
    expect(rotated.latencyMs).toBeGreaterThan(0);
    expect(await events.all()).toEqual([state(port, 'rotated')]);
    expect(config(port)).toMatchObject({ proxy_id: 'b', count_refresh: 0, is_online: true });
    expect((await loopwire.rotate(port)).proxyId).toBe('a');
  });

  test('stays under the filter of the port’s configuration', async () => {
    const { port, list } = await rotating(['a', 'b', 'c']);
    list[2].country_code = 'HK';
    require('node:fs').writeFileSync(new URL(loopwire.getAPIHost()), JSON.stringify(list));
    loopwire.putConfigPort(port, '{"country":["HK"]}');
    expect((await loopwire.rotate(port)).proxyId).toBe('c');
    // There is no other one in that country.
    expect(await failed(loopwire.rotate(port))).toEqual([
      'req_proxy_config_error',
      expect.stringContaining('no port available'),
    ]);
    expect(config(port).proxy_id).toBe('c');
  });

  test('rejects where nothing is forwarded, and where no other works: the old one serves on', async () => {
    const { port, events, list } = await rotating(['a']);
    expect(await failed(loopwire.rotate(port + 1))).toEqual([
      'ERR_PORT_NOT_FORWARDED',
      `port ${port + 1} is not forwarded`,
    ]);
    const code = 'req_proxy_config_error';
    expect(await failed(loopwire.rotate(port))).toEqual([code, `port ${port}: no port available`]);
    list.push(entry('b', 'socks5', await deadPort()));
    require('node:fs').writeFileSync(new URL(loopwire.getAPIHost()), JSON.stringify(list));
    expect(await failed(loopwire.rotate(port))).toEqual([
      code,
      `port ${port}: upstream unreachable`,
    ]);
    expect(config(port)).toMatchObject({ proxy_id: 'a', is_online: true });
    expect(await events.all()).toEqual([]);
    expect((await tunnelled(port)).socket.destroyed).toBe(false);
  });
});

describe('what becomes of an open tunnel', () => {
  test('keep: it continues through the old proxy', async () => {
    const { port, upstreams } = await rotating(['a', 'b']);
    const { says } = await tunnelled(port);
    await loopwire.rotate(port);
    expect(await says('still')).toBe('still');
    await tunnelled(port);
    expect(upstreams.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  test('break: it is reset at once', async () => {
    const { port } = await rotating(['a', 'b'], { onRotate: 'break' });
    const { closed } = await tunnelled(port);
    await loopwire.rotate(port);
    await closed;
    await tunnelled(port);
  });

  test('drain: it is not cut at once, and it does not outlive its port', async () => {
    const { port } = await rotating(['a', 'b'], { onRotate: 'drain' });
    const { says, closed } = await tunnelled(port);
    await loopwire.rotate(port);
    expect(await says('still')).toBe('still');
    loopwire.removePort(port);
    await closed;
  });
});

describe('enableAutoRotation and setAutoRotationSetting', () => {
  test('another proxy after so many seconds; off again, nothing more', async () => {
    const { port, events } = await rotating(['a', 'b']);
    expect(loopwire.setAutoRotationSetting(1, 0)).toBe(0);
    expect(loopwire.enableAutoRotation(1)).toBe(0);
    expect(await events.find('portStateUpdate', port)).toEqual(state(port, 'rotated'));
    expect(config(port).proxy_id).toBe('b');
    expect(loopwire.enableAutoRotation(0)).toBe(0);
    const { promise, resolve } = Promise.withResolvers?.() ?? deferred();
    setTimeout(resolve, 1_300);
    await promise;
    expect(await events.all()).toEqual([]);
  });

  test('onlyPortHasConfig 1, and rotation: false: which ports stay as they are', async () => {
    const { port, events } = await rotating(['a', 'b', 'c']);
    const [bare, configured, exempt] = [port, port + 1, port + 2];
    for (const other of [configured, exempt]) await loopwire.createWithId(other, 'a');
    loopwire.setConfigPorts(
      JSON.stringify({ [configured]: {}, [exempt]: { rotation: false, country: [] } }),
    );
    await events.all();
    loopwire.setAutoRotationSetting(1, 1);
    loopwire.enableAutoRotation(1);
    expect(await events.find('portStateUpdate')).toEqual(state(configured, 'rotated'));
    expect(await events.find('portStateUpdate')).toEqual(state(configured, 'rotated'));
    expect([bare, exempt].map((each) => config(each).proxy_id)).toEqual(['a', 'a']);
    // Now the bare one as well.
    loopwire.setAutoRotationSetting(1, 0);
    expect(await events.find('portStateUpdate', bare)).toEqual(state(bare, 'rotated'));
    expect(config(exempt).proxy_id).toBe('a');
  });
});

/** Has traffic find out that the port's upstream is dead. */
async function killed({ port, upstreams }) {
  await upstreams[0].stop();
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {}).write('CONNECT 127.0.0.1:9 HTTP/1.1\r\n\r\n');
  await once(socket.resume(), 'close');
}

describe('rotation on error', () => {
  test.each([
    ['configure', () => loopwire.configure({ rotateOnError: true }), undefined],
    ['forward', () => {}, { rotateOnError: true }],
  ])('by %s: the port takes another one', async (_, set, options) => {
    const all = await rotating(['a', 'b'], options);
    set();
    await killed(all);
    await until(() => config(all.port).proxy_id === 'b', 'another proxy');
    await tunnelled(all.port);
    loopwire.configure({ rotateOnError: false });
  });

  test.each([
    ['by default', () => {}, undefined],
    ['with rotateOnError: false', () => loopwire.configure({ rotateOnError: true }), false],
  ])('not %s', async (_, set, rotateOnError) => {
    const all = await rotating(['a', 'b'], { rotateOnError });
    set();
    await killed(all);
    await all.events.find('portStateUpdate', all.port);
    // Once it could have been tried, and was not.
    await all.upstreams[0].start();
    await all.events.find('portStateUpdate', all.port);
    expect(config(all.port)).toMatchObject({ proxy_id: 'a', is_online: true });
    loopwire.configure({ rotateOnError: false });
  });
});

function deferred() {
  const all = {};
  all.promise = new Promise((resolve) => (all.resolve = resolve));
  return all;
}
