/**
 * Why a handshake failed, and what follows from it, with a clock that the test moves: the status, Retry-After, the limits of the
 * questions, and what a page's policy blocks.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const { FakeClock, fakeLifecycle, fakeWebSocket, settle } = require('../support/client/fakes.cjs');

const { EventClient } = requireModule('index.js');

const URL_OF_NOBODY = 'ws://127.0.0.1:1/?token=secret-token';

/** A client whose attempts fail; `random` gives 1, so that a delay is as long as it may be. */
function make(options = {}) {
  const clock = new FakeClock();
  const lifecycle = fakeLifecycle();
  const { WebSocket, sockets } = fakeWebSocket();
  const more = { clock, lifecycle, WebSocket, random: () => 1 };
  const client = new EventClient({ url: URL_OF_NOBODY, ...more, ...options });
  client.connect().catch(() => {});
  const violate = (blockedURI, disposition = 'enforce') => {
    const event = new Event('securitypolicyviolation');
    lifecycle.dispatchEvent(Object.assign(event, { blockedURI, disposition }));
  };
  const fail = async () => {
    sockets.at(-1).end();
    await settle();
    await clock.advance(0);
  };
  return { client, clock, sockets, violate, fail };
}

/** `fetch` of a server that answers everything alike. */
const answering = (status, headers) => async () => ({
  status,
  headers: new Headers(headers),
  text: async () => '',
});

/** `fetch` that answers only those that `answers` accepts; the others end with their signal. */
const silent = (asked, answers) => (_, init) =>
  new Promise((resolve, reject) => {
    asked.push(init);
    init.signal.addEventListener('abort', () => reject(init.signal.reason));
    if (answers(init)) resolve({ status: 0, headers: new Headers(), text: async () => '' });
  });

describe('the status of the answer', () => {
  test.each([
    [400, 'HTTP_400', 'closed'],
    [401, 'HTTP_401', 'closed'],
    [403, 'HTTP_403', 'closed'],
    [499, 'HTTP_499', 'closed'],
    [408, 'HTTP_408', 'waiting'],
    [425, 'HTTP_425', 'waiting'],
    [429, 'HTTP_429', 'waiting'],
    [500, 'HTTP_500', 'waiting'],
    [503, 'HTTP_503', 'waiting'],
    [426, 'HANDSHAKE_FAILED', 'waiting'],
    [200, 'HANDSHAKE_FAILED', 'waiting'],
    [302, 'HANDSHAKE_FAILED', 'waiting'],
  ])('%i is %s, and the client is %s', async (status, code, name) => {
    const { client, fail } = make({ fetch: answering(status) });
    await fail();
    expect(client.state).toMatchObject({ name, reason: { code } });
  });
});

describe('Retry-After', () => {
  test.each([
    ['5', 5_000],
    ['600', 600_000],
    ['86400', 600_000],
    ['-5', 0],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 0],
  ])('%s: not before %i ms, whoever wakes the client', async (retryAfter, ms) => {
    const { client, clock, fail } = make({
      fetch: answering(503, { 'retry-after': retryAfter }),
    });
    await fail();
    const left = () => client.state.retryAt - clock.now();
    expect(left()).toBe(ms + 500);
    client.notifyResume();
    // The first attempt began now, and two are never nearer than baseDelayMs.
    expect(left()).toBe(Math.max(ms, 500));
    expect(client.state.reason).not.toHaveProperty('retryAfterMs');
  });
});

describe('questions', () => {
  test('wait no longer than probeTimeoutMs each, and two without an answer are nobody', async () => {
    const asked = [];
    const { client, clock, fail } = make({ fetch: silent(asked, () => false) });
    await fail();
    await clock.advance(5_999);
    expect(client.state.name).toBe('connecting');
    await clock.advance(1);
    expect(client.state).toMatchObject({ name: 'waiting', reason: { code: 'UNREACHABLE' } });
    expect(asked.map(({ mode }) => mode)).toEqual([undefined, 'no-cors']);
    expect(clock.size).toBe(1);
  });

  test('a server that answers only without being read refuses the page', async () => {
    const asked = [];
    const fetch = silent(asked, ({ mode }) => mode === 'no-cors');
    const { client, clock, fail } = make({ fetch, probeTimeoutMs: 100 });
    await fail();
    await clock.advance(200);
    expect(client.state).toMatchObject({
      name: 'closed',
      reason: { code: 'ORIGIN_REFUSED', status: 403 },
    });
    expect(asked).toHaveLength(3);
    expect(clock.size).toBe(0);
  });
});

describe("a page's policy", () => {
  test.each(['ws://127.0.0.1:1', 'ws://127.0.0.1:1/ws', 'ws', 'wss'])(
    'that blocks %s ends the client, also if it is told behind the end of the socket',
    async (blocked) => {
      for (const fetch of [null, () => Promise.reject(new TypeError('blocked'))]) {
        const { client, clock, sockets, violate } = make({ fetch });
        sockets[0].end();
        violate(blocked);
        await settle();
        await clock.advance(0);
        expect(client.state).toMatchObject({ name: 'closed', reason: { code: 'CSP_BLOCKED' } });
        expect(client.state.reason.message).toContain('connect-src ws://127.0.0.1:1');
      }
    },
  );

  test.each([
    ['ws://127.0.0.1:1', 'report'],
    ['ws://127.0.0.1:2', 'enforce'],
    ['ws://other.example', 'enforce'],
    ['inline', 'enforce'],
    ['https://127.0.0.1:2', 'enforce'],
  ])('that says %s (%s) means something else', async (blocked, disposition) => {
    const { client, fail, violate } = make({ fetch: () => Promise.reject(new TypeError('no')) });
    violate(blocked, disposition);
    await fail();
    expect(client.state).toMatchObject({ name: 'waiting', reason: { code: 'UNREACHABLE' } });
  });

  test('that blocks the questions has them asked once, and no reason found', async () => {
    let asked = 0;
    const fetch = () => {
      asked += 1;
      return Promise.reject(new TypeError('blocked'));
    };
    const { client, clock, sockets, fail, violate } = make({ fetch });
    sockets[0].end();
    violate('http://127.0.0.1:1');
    await settle();
    await clock.advance(0);
    expect(client.state).toMatchObject({ name: 'waiting', reason: { code: 'CONNECT_FAILED' } });
    const before = asked;
    await clock.advance(500);
    await fail();
    expect(client.state).toMatchObject({ name: 'waiting', reason: { code: 'CONNECT_FAILED' } });
    expect(asked).toBe(before);
  });
});
