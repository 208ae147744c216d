// The port range, removal, and arguments that are refused.
'use strict';

const { absoluteForm } = require('../../../examples/demo/requests.cjs');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const {
  config,
  entry,
  event,
  forwarding,
  isFree,
  loopwire,
  provide,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');

const setRange = loopwire.updateIpFormatAndPorts;

/** Why that cannot be a range. */
function refused(...range) {
  expect(setRange(...range)).toBe(1);
  return loopwire.sdkGetLastError();
}

/** The error for an argument of a wrong type. */
const type = (name, got) => ({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_TYPE',
  message: expect.stringMatching(new RegExp(`^${name} must be .*, not ${got}$`)),
});

/** `count` forwarded ports. */
async function forwarded(count) {
  const upstream = await serve(socksUpstream());
  const set = await forwarding({ count, list: [entry('1', 'socks5', upstream.port)] });
  const ports = Array.from({ length: count }, (_, index) => set.start + index);
  for (const port of ports) expect(await loopwire.createWithId(port, '1')).toBe(0);
  await set.heard.until((texts) => texts.length === 2 * count);
  set.heard.taken();
  return { ...set, ports };
}

const free = (ports) => until(async () => (await Promise.all(ports.map(isFree))).every(Boolean));

describe('removal', () => {
  test('removePort: one portStateUpdate, and the port is free', async () => {
    const { heard, ports } = await forwarded(2);
    expect(loopwire.removePort(ports[0])).toBe(0);
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', ports[0])]);
    await free([ports[0]]);
    expect(loopwire.getConfigJSON(ports[0])).toBe('{}');
    expect(config(ports[1]).is_online).toBe(true);
    expect(await isFree(ports[1])).toBe(false);

    // Nothing is there any more: nothing is said.
    expect(loopwire.removePort(ports[0])).toBe(0);
    await heard.count(0);
    expect(heard.taken()).toEqual([]);
    expect(await loopwire.createWithId(ports[0], '1')).toBe(0);
  });

  test('stopProxy: one portStateUpdate for each port', async () => {
    const { heard, ports } = await forwarded(3);
    expect(loopwire.stopProxy()).toBe(0);
    await heard.count(3);
    const texts = ports.map((port) => event('portStateUpdate', port));
    expect(heard.taken().sort()).toEqual(texts);
    await free(ports);
    expect(await loopwire.createWithId(ports[0], '1')).toBe(0);
  });

  test('an offline port, too, gives one portStateUpdate', async () => {
    const upstream = await serve(socksUpstream());
    const { heard, start } = await forwarding({ list: [entry('1', 'socks5', upstream.port)] });
    await loopwire.createWithId(start, '1');
    await upstream.stop();
    await absoluteForm(start, 'http://any.test/');
    await heard.count(3);
    heard.taken();
    loopwire.removePort(start);
    await heard.count(1);
    expect(heard.taken()).toEqual([event('portStateUpdate', start)]);
  });

  test('nothing was forwarded: 0, and no event', async () => {
    const { heard, start } = await forwarding();
    expect(loopwire.removePort(start)).toBe(0);
    expect(loopwire.stopProxy()).toBe(0);
    await heard.count(0);
    expect(heard.taken()).toEqual([]);
  });

  test('shutdown frees all ports, and what follows starts afresh', async () => {
    const { ports, listener } = await forwarded(3);
    await loopwire.shutdown();
    expect(await Promise.all([...ports, listener.port].map(isFree))).toEqual(Array(4).fill(true));
    expect(loopwire.getConfigJSON(ports[0])).toBe('{}');
    const { heard, start } = await forwarding();
    // The provider is forgotten as well.
    expect(await loopwire.createWithId(start, '1')).toBe(1);
    await heard.count(1);
    expect(heard.taken()).toEqual([event('proxyError', '1:req_proxy_config_error@no provider')]);
  });
});

describe('the range', () => {
  test('is 60000:100 at first use if none was set, with an event', async () => {
    const texts = [];
    loopwire.startEventListener(0, loopwire.generateToken(), (data) => texts.push(`${data}`));
    provide([]);
    expect(await loopwire.createWithId(60_099, '1')).toBe(1);
    expect(await loopwire.createWithId(60_100, '1')).toBe(1);
    await until(() => texts.length >= 3);
    expect(texts).toEqual([
      event('settingPortChange', '60000:100'),
      event('proxyError', '1:req_proxy_config_error@unknown proxy'),
      event('proxyError', '1:req_proxy_config_error@port out of range'),
    ]);
  });

  test('each change causes an event, the same range again does not', async () => {
    const { heard, start } = await forwarding({ count: 4 });
    expect(setRange('127.0.0.1:%d', start, 4)).toBe(0);
    expect(setRange('127.0.0.1:%d', start, 3)).toBe(0);
    expect(setRange('localhost:%d', start, 3)).toBe(0);
    expect(setRange('[::1]:%d', start, 1)).toBe(0);
    await heard.count(3);
    expect(heard.taken()).toEqual([
      event('settingPortChange', `${start}:3`),
      event('settingPortChange', `${start}:3`),
      event('settingPortChange', `${start}:1`),
    ]);
  });

  test('ports outside a shrunken range are removed: portRemoved and nothing else', async () => {
    const { heard, start, ports } = await forwarded(3);
    expect(loopwire.updateIpFormatAndPorts('127.0.0.1:%d', start, 1)).toBe(0);
    await heard.count(3);
    const [first, ...rest] = heard.taken();
    expect(first).toBe(event('settingPortChange', `${start}:1`));
    expect(rest.sort()).toEqual([event('portRemoved', start + 1), event('portRemoved', start + 2)]);
    await free(ports.slice(1));
    expect(config(start).is_online).toBe(true);
  });

  test('what cannot be a range: 1, with the text in sdkGetLastError, and nothing changes', async () => {
    const { heard, start } = await forwarding();
    expect(refused('127.0.0.1', start, 1)).toContain('the format must be');
    expect(refused('example.com:%d', start, 1)).toContain('the format must be');
    expect(refused('0.0.0.0:%d', start, 1)).toContain('0.0.0.0 is not a loopback address');
    expect(refused('192.0.2.1:%d', start, 1)).toContain('local ports must require credentials');
    expect(refused('127.0.0.1:%d', 65_535, 2)).toContain('the port range must');
    await heard.count(0);
    expect(heard.taken()).toEqual([]);
  });
});

describe('wrong arguments are thrown at once', () => {
  const port = { name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

  const BAD_PORTS = [-1, 0, 1.5, 65_536, NaN, Infinity].map((value) => [value, port]);
  const NO_NUMBERS = [
    ['60000', type('port', 'a string')],
    [null, type('port', 'null')],
    [undefined, type('port', 'undefined')],
    [60_000n, type('port', 'a bigint')],
    [{}, type('port', 'an object')],
  ];

  test.each([...BAD_PORTS, ...NO_NUMBERS])('the port %p', (value, error) => {
    const { createWithId, removePort, getConfigJSON } = loopwire;
    expect(() => createWithId(value, '1')).toThrow(expect.objectContaining(error));
    expect(() => removePort(value)).toThrow(expect.objectContaining(error));
    expect(() => getConfigJSON(value)).toThrow(expect.objectContaining(error));
  });

  test.each([
    ['createWithId', [60_000, 1], type('proxyId', 'a number')],
    ['createWithId', [60_000], type('proxyId', 'undefined')],
    ['createWithId', [60_000, '1', 1], type('plan', 'a number')],
    ['createWithId', [60_000, '1', '1', null], type('actionType', 'null')],
    ['setAPIHost', [1], type('url', 'a number')],
    ['updateIpFormatAndPorts', [1, 60_000, 1], type('ipFormat', 'a number')],
    ['updateIpFormatAndPorts', ['127.0.0.1:%d', '60000', 1], type('startPort', 'a string')],
    ['updateIpFormatAndPorts', ['127.0.0.1:%d', 60_000], type('count', 'undefined')],
    ['updateIpFormatAndPorts', ['127.0.0.1:%d', 0, 1], range],
    ['updateIpFormatAndPorts', ['127.0.0.1:%d', 60_000, NaN], range],
    ['updateIpFormatAndPorts', ['127.0.0.1:%d', 60_000, -1], range],
    ['configure', [{ idleCheckMs: '1' }], type('settings.idleCheckMs', 'a string')],
    ['configure', [{ idleCheckMs: -1 }], range],
    ['configure', [{ idleCheck: 1 }], { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' }],
  ])('%s(%j)', (name, given, error) => {
    expect(() => loopwire[name](...given)).toThrow(expect.objectContaining(error));
  });

  test('setAPIHost: 1 and a text for what is no provider', () => {
    for (const [url, says] of [
      ['ftp://user:secret@api.example/', 'the scheme `ftp` is not supported'],
      ['https://user:secret@api.example/', 'without user name, password and fragment'],
    ]) {
      expect(loopwire.setAPIHost(url)).toBe(1);
      expect(loopwire.sdkGetLastError()).toContain(says);
      expect(loopwire.sdkGetLastError()).not.toContain('secret');
    }
    expect(loopwire.setAPIHost('file://elsewhere/list.json')).toBe(1);
    expect(loopwire.setAPIHost('proxies.json')).toBe(1);
  });
});
