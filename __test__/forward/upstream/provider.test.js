// The provider: requests to it, its answers, and edits of a list.
'use strict';

const fs = require('node:fs');
const { fileURLToPath } = require('node:url');
const fixtures = require('../../../fixtures/forward.json');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { start: startProvider } = require('../../../examples/provider');
const {
  after,
  config,
  entry,
  event,
  forwarding,
  loopwire,
  provide,
  serve,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

/** A provider over HTTP, set, whose list has the proxy `1`, which works. */
async function provided(options) {
  const upstream = await serve(socksUpstream());
  const list = [entry('1', 'socks5', upstream.port, { country_code: 'DE' })];
  const provider = await startProvider({ list, ...options });
  after(() => provider.stop());
  const set = await forwarding();
  expect(loopwire.setAPIHost(provider.url)).toBe(0);
  return { ...set, provider, port: set.start };
}

/** The text of a fixture; its request id is 1. */
const fixture = (name) => JSON.stringify(fixtures.find((one) => one.name === name).event);

/** The one request for a port that is expected to fail, and what was heard of it. */
async function failure({ heard, port }) {
  expect(await loopwire.createWithId(port, '1')).toBe(1);
  await heard.until((texts) => texts.length > 0);
  expect(loopwire.isRunningPort(port)).toBe(0);
  return heard.taken();
}

/** The answer of a provider that wants to be asked again at once. */
const busy = (status) => ({ status, headers: { 'retry-after': '0' }, body: '' });

describe('setAPIHost with an HTTP provider', () => {
  test('createWithId asks it for the proxy, and getAPIHost returns its URL', async () => {
    expect(loopwire.getAPIHost()).toBe('');
    const { provider, port } = await provided({ base: '/sdk/v1' });
    expect(loopwire.getAPIHost()).toBe(provider.url);
    expect(await loopwire.createWithId(port, '1', '2', 'auto')).toBe(0);
    expect(provider.requests).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/sdk/v1/proxies/1',
        query: { plan: '2', action: 'auto' },
      }),
    ]);
    expect(config(port)).toMatchObject({ proxy_id: '1', country_code: 'DE', plan: '2' });
    expect(loopwire.setAPIHost('file:///elsewhere.json')).toBe(0);
    expect(loopwire.getAPIHost()).toBe('file:///elsewhere.json');
    // What is no URL changes nothing.
    expect(loopwire.setAPIHost('ftp://x')).toBe(1);
    expect(loopwire.getAPIHost()).toBe('file:///elsewhere.json');
  });

  test('a batch asks it once, with the filter', async () => {
    const { provider, port } = await provided();
    const filter = { country: ['DE', 'AT'], city: 'Köln', plan: '4', list_type: -1 };
    const json = JSON.stringify({ ...filter, city: '', isp: '' });
    expect(await loopwire.createWithConfigure('r', [port, port + 1], 2, json)).toHaveLength(2);
    expect(provider.requests.map(({ path, query }) => [path, query])).toEqual([
      ['/proxies', { country: 'DE,AT', plan: '4', action: 'manual', limit: expect.any(String) }],
    ]);
    await loopwire.createWithConfigure('r', [port], 1, JSON.stringify(filter));
    expect(provider.requests[1].query.city).toBe('Köln');
  });
});

describe('headers and parameters of each request', () => {
  test('setHeader: the provider sees it, the last one counts, an empty one takes it out', async () => {
    const { provider, port } = await provided();
    for (const value of ['one', 'two', '']) {
      expect(loopwire.setHeader('X-Session', value)).toBe(0);
      await loopwire.createWithId(port, '1');
    }
    const seen = provider.requests.map(({ headers }) => headers['x-session']);
    expect(seen).toEqual(['one', 'two', undefined]);
    expect(loopwire.setHeader('no name', 'x')).toBe(1);
    expect(loopwire.sdkGetLastError()).toMatch(/^setHeader: /);
    expect(loopwire.setHeader('Host', 'elsewhere')).toBe(1);
  });

  test('setQuery: so does it', async () => {
    const { provider, port } = await provided({ key: 'ä&=k 3y' });
    for (const value of ['ä&=k 3y', '']) {
      expect(loopwire.setQuery('api-key', value)).toBe(0);
      expect(loopwire.setQuery('app', 'mine')).toBe(0);
      const creating = loopwire.createWithId(port, '1');
      await provider.until(value ? 1 : 2);
      if (!value) loopwire.closeTokenChan();
      expect(await creating).toBe(value ? 0 : 1);
    }
    expect(provider.requests.map(({ query }) => [query['api-key'], query.app])).toEqual([
      ['ä&=k 3y', 'mine'],
      [undefined, 'mine'],
    ]);
    expect(loopwire.setQuery('', 'x')).toBe(1);
    expect(loopwire.sdkGetLastError()).toMatch(/^setQuery: /);
  });

  test('setUserCountryCode: with it, and in the configuration', async () => {
    const { provider, port } = await provided();
    expect(loopwire.setUserCountryCode('HK')).toBe(0);
    expect(await loopwire.createWithId(port, '1')).toBe(0);
    expect(provider.requests[0].query.user_country_code).toBe('HK');
    expect(config(port)).toMatchObject({ client_country_code: 'HK', country_code: 'DE' });
  });
});

describe('what the provider answers instead becomes one proxyError', () => {
  test.each([
    [
      "validation failed (as on the SDK's page)",
      { status: 400, body: { message: 'VALIDATE_FAILED' } },
    ],
    ['provider says 400', { status: 400, body: 'no JSON' }],
    ['provider says 402', { status: 402, body: { message: 'PAYMENT_REQUIRED' } }],
    ['provider says 403', { status: 403, body: '' }],
    ['provider says 404', { status: 404, body: { message: 'NOT_FOUND' } }],
    ['provider says 410', { status: 410, body: '' }],
    ['provider says another status', { status: 418, body: '' }],
    ['provider unreadable', { body: '<html>welcome</html>' }],
    ['provider unreadable', { body: { id: 'another', protocol: 'http', host: 'h', port: 1 } }],
    ['provider unreadable', { status: 302, headers: { location: 'http://elsewhere/' } }],
    ['proxy invalid', { body: { id: '1', protocol: 'gopher', host: 'h', port: 1 } }],
    ['unknow error', { destroy: true }],
  ])('%s: %j', async (name, script) => {
    const set = await provided();
    set.provider.say(script);
    expect(await failure(set)).toEqual([fixture(`proxyError: ${name}`)]);
    expect(loopwire.sdkGetLastError()).toMatch(new RegExp(`^port ${set.port}: `));
    // The next answer is another matter.
    expect(await loopwire.createWithId(set.port, '1')).toBe(0);
  });

  test('500 is passed on, but not a message that contains a key', async () => {
    const set = await provided();
    loopwire.setQuery('api-key', 'sesame-4711');
    set.provider.say({ status: 500, body: { message: 'bad key sesame-4711' } });
    expect(await failure(set)).toEqual([
      event('proxyError', '1:req_proxy_config_error@status:500|message:SERVER_ERROR'),
    ]);
  });

  test('no answer, because nothing listens there', async () => {
    const set = await provided();
    await set.provider.stop();
    expect(await failure(set)).toEqual([fixture('proxyError: unknow error')]);
  });

  test('503 and 429 with Retry-After: asked once more, then it is so', async () => {
    const set = await provided();
    for (const status of [429, 503]) {
      set.provider.say(busy(status), busy(status));
      expect(await failure(set)).toEqual([fixture(`proxyError: provider says ${status}`)]);
      set.provider.say(busy(status));
      expect(await loopwire.createWithId(set.port, '1')).toBe(0);
      loopwire.removePort(set.port);
      await set.heard.until((texts) => texts.length >= 3);
      set.heard.taken();
    }
    expect(set.provider.requests).toHaveLength(8);
  });

  test('Retry-After is waited for; without one, or with a long one, there is no wait', async () => {
    const set = await provided();
    set.provider.say({ status: 429, headers: { 'retry-after': '1' }, body: '' });
    const begun = performance.now();
    expect(await loopwire.createWithId(set.port, '1')).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(900);
    loopwire.removePort(set.port);
    await set.heard.until((texts) => texts.length === 3);
    set.heard.taken();
    for (const headers of [{}, { 'retry-after': '3600' }]) {
      set.provider.say({ status: 429, headers, body: '' });
      expect(await failure(set)).toEqual([fixture('proxyError: provider says 429')]);
    }
  });
});

describe('401: the request waits for a new key', () => {
  test.each([
    ['setQuery', () => loopwire.setQuery('api-key', 'new')],
    ['setHeader', () => loopwire.setHeader('X-Api-Key', 'new')],
  ])('%s ends the wait, and it works', async (_, renew) => {
    const { provider, port, heard } = await provided({ key: 'new' });
    const creating = loopwire.createWithId(port, '1');
    await provider.until(1);
    expect(renew()).toBe(0);
    expect(await creating).toBe(0);
    expect(provider.requests).toHaveLength(2);
    await heard.until((texts) => texts.length === 2);
    expect(heard.taken()[1]).toBe(event('forwardListCompleted', '1'));
  });

  test('after another wrong key it waits again', async () => {
    const { provider, port } = await provided({ key: 'new' });
    const creating = loopwire.createWithId(port, '1');
    await provider.until(1);
    loopwire.setQuery('api-key', 'wrong');
    await provider.until(2);
    loopwire.setQuery('api-key', 'new');
    expect(await creating).toBe(0);
  });

  test('closeTokenChan lets it fail at once', async () => {
    const set = await provided({ key: 'new' });
    const { provider, port, heard } = set;
    const creating = [loopwire.createWithId(port, '1'), loopwire.createWithId(port + 1, '1')];
    await provider.until(2);
    const begun = performance.now();
    expect(loopwire.closeTokenChan()).toBe(0);
    expect(await Promise.all(creating)).toEqual([1, 1]);
    // Far below the twenty seconds that it would have waited.
    expect(performance.now() - begun).toBeLessThan(15_000);
    await heard.until((texts) => texts.length === 2);
    expect(heard.taken()).toEqual(Array(2).fill(fixture('proxyError: provider says 401')));
  });
});

/** A port that is forwarded through the list's proxy `1`, and how to write another list. */
async function listed() {
  const upstream = await serve(socksUpstream());
  const { start } = await forwarding();
  const file = fileURLToPath(provide([entry('1', 'socks5', upstream.port)]));
  expect(await loopwire.createWithId(start, '1')).toBe(0);
  const write = (list) => fs.writeFileSync(file, JSON.stringify(list));
  return { port: start, events: detailedEvents(), write, upstream };
}

describe('a list in a file that is edited', () => {
  test('a running port takes the new entry', async () => {
    const { port, events, write } = await listed();
    const other = await serve(socksUpstream());
    write([entry('1', 'socks5', other.port, { city: 'Ulm' })]);
    const { data } = await events.find('portStateUpdate', port);
    expect(data).toEqual({ port, online: true, reason: 'edited' });
    expect(config(port)).toMatchObject({ city: 'Ulm', count_refresh: 0 });
    expect(loopwire.ports()[0].upstream).toContain(String(other.port));
  });

  test('a deleted entry removes its port', async () => {
    const { port, events, write, upstream } = await listed();
    write([entry('2', 'socks5', upstream.port)]);
    const { data } = await events.find('portRemoved', port);
    expect(data).toEqual({ port, reason: 'unknown proxy' });
    expect(loopwire.isRunningPort(port)).toBe(0);
  });

  test('one that does not answer yet takes the port offline until it does', async () => {
    const { port, events, write } = await listed();
    const late = await serve(socksUpstream());
    await late.stop();
    write([entry('1', 'socks5', late.port)]);
    const { data } = await events.find('portStateUpdate', port);
    expect(data).toEqual({ port, online: false, reason: 'upstream unreachable' });
    const upstream = expect.stringContaining(String(late.port));
    expect(loopwire.ports()[0]).toMatchObject({ online: false, upstream });
    await late.start();
    await events.until(({ type, data }) => type === 'portStateUpdate' && data.online);
    expect(loopwire.ports()[0]).toMatchObject({ online: true, upstream });
  });

  test('one that cannot be used changes nothing, and is told', async () => {
    const { events, write, upstream } = await listed();
    const log = detailedEvents();
    loopwire.enableDebug();
    write([{ ...entry('1', 'socks5', upstream.port), protocol: 'gopher' }]);
    await log.until(({ payload }) => payload?.includes('the edited entry cannot be used'));
    expect(loopwire.ports()[0]).toMatchObject({
      online: true,
      lastError: expect.stringContaining('proxy invalid'),
      upstream: expect.stringContaining(String(upstream.port)),
    });
    expect((await events.all()).filter(({ type }) => type !== 'log')).toEqual([]);
  });
});
