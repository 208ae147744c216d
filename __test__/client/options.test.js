/**
 * What a client accepts as options, where its token goes, and where it never shows.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
const { FakeClock, fakeWebSocket } = require('../support/client/fakes.cjs');

const { EventClient } = requireModule('index.js');
const { readOptions } = requireModule('options.js');
const { Target } = requireModule('connection/target.js');

const TOKEN = 'secret.token~of-the_test';
/** A platform whose time stands, and that finds out no reasons. */
const still = () => ({ clock: new FakeClock(), fetch: null });
const V1 = ['loopwire.v1', `bearer.${TOKEN}`];

/** A class of sockets that refuses every URL, and repeats it. */
const Throwing = function (place) {
  this.place = place;
  throw new SyntaxError(`not valid: ${place}`);
};

describe('where it connects', () => {
  test.each([
    [{ url: 'ws://127.0.0.1:81', token: TOKEN }, 'ws://127.0.0.1:81/ws', V1],
    [{ url: 'http://h.example/', token: TOKEN }, 'ws://h.example/ws', V1],
    [{ url: 'https://h.example/ws', token: TOKEN }, 'wss://h.example/ws', V1],
    [{ url: `ws://h.example/?token=${TOKEN}` }, 'ws://h.example/ws', V1],
    [{ url: `ws://h.example/ws?x=1&token=${TOKEN}#f` }, 'ws://h.example/ws?x=1', V1],
    [{ url: `wss://h.example/proxy/?token=${TOKEN}` }, 'wss://h.example/proxy/ws', V1],
    [{ url: `ws://127.0.0.1:81/ws/${TOKEN}` }, `ws://127.0.0.1:81/ws/${TOKEN}?v=1`, []],
    [
      { url: `http://127.0.0.1:81/ws/${TOKEN}?v=1`, token: TOKEN },
      `ws://127.0.0.1:81/ws/${TOKEN}?v=1`,
      [],
    ],
    [
      { url: 'ws://[::1]:81/ws', token: TOKEN, binary: true, silent: true },
      'ws://[::1]:81/ws?binary=true&silent=true',
      V1,
    ],
    [{ url: `ws://h.example/ws?token=${TOKEN}&binary=true` }, 'ws://h.example/ws?binary=true', V1],
    [
      { url: `ws://h.example/ws?token=${TOKEN}&binary=true`, binary: false },
      'ws://h.example/ws',
      V1,
    ],
  ])('%j', (options, url, protocols) => {
    expect(new Target(options).socket({})).toEqual({ url, protocols });
  });

  test('the place to continue at stands in the query, or in the options', () => {
    const { WebSocket, sockets } = fakeWebSocket();
    const url = `ws://h.example/ws?token=${TOKEN}&epoch=e7&since=12`;
    void new EventClient({ url, WebSocket, ...still() }).connect();
    void new EventClient({ url, WebSocket, ...still(), since: 0 }).connect();
    const searches = sockets.map((socket) => new URL(socket.url).search.replace(/&client=.*/, ''));
    expect(searches).toEqual(['?epoch=e7&since=12', '?since=0']);
  });

  test('what asks for the reason of a failure has the token in a header only', () => {
    const probe = new Target({ url: `ws://h.example/a/ws/${TOKEN}` }).probe({ since: 3 });
    expect(probe).toEqual({
      url: 'http://h.example/a/ws?v=1&since=3',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });
});

describe('what it refuses', () => {
  const url = `ws://127.0.0.1:81/?token=${TOKEN}`;
  test.each([
    [undefined, /url is not a URL/],
    [`no url with ${TOKEN}`, /url is not a URL/],
    [`ftp://h.example/?token=${TOKEN}`, /must begin with ws:/],
    ['ws://h.example/', /a token \(.*\) is needed/],
    ['ws://h.example/ws/connections', /a token \(.*\) is needed/],
    [{ url: 'ws://h.example/', token: `${TOKEN} ` }, /a token \(.*\) is needed/],
    [{ url: 'ws://h.example/', token: 7 }, /a token \(.*\) is needed/],
    [{ url, token: 'another' }, /two different tokens/],
    [{ url, retries: 3 }, /no option retries/],
    [{ url, toString: 3 }, /no option toString/],
    [{ url, baseDelayMs: 0 }, /baseDelayMs must be a number from 1/],
    [{ url, maxBuffered: '9' }, /maxBuffered must be a number/],
    [{ url, stableMs: Number.NaN }, /stableMs must be a number/],
    [{ url, since: -1 }, /since must be/],
    [{ url, since: { seq: 1.5 } }, /since must be/],
  ])('%j', (options, message) => {
    const { WebSocket } = fakeWebSocket();
    const given = typeof options === 'object' ? { WebSocket, ...options } : options;
    const made = [];
    let thrown;
    try {
      made.push(new EventClient(given));
    } catch (error) {
      thrown = error;
    }
    expect(thrown.message).toMatch(message);
    expect(['TypeError', 'RangeError']).toContain(thrown.name);
    expect(util.inspect(thrown)).not.toContain(TOKEN);
  });

  test('a platform without WebSocket is told how to get one', () => {
    expect(() => new EventClient({ url, WebSocket: undefined })).toThrow(
      globalThis.WebSocket ? undefined : /install the package ws/,
    );
  });
});

describe('the token', () => {
  const url = `ws://127.0.0.1:81/ws/${TOKEN}`;

  test('shows in nothing that can be printed', async () => {
    const { WebSocket, sockets } = fakeWebSocket();
    const client = new EventClient({ url, WebSocket, ...still() });
    const connected = client.connect();
    sockets[0].end(1006, `to ${url}`);
    void client.close();
    const error = await connected.catch((thrown) => thrown);
    for (const one of [client, client.state, error, client.position]) {
      const shown = [
        util.inspect(one, { showHidden: true, depth: 9 }),
        JSON.stringify(one),
        String(one),
        one?.stack,
      ];
      expect(shown.join()).not.toContain(TOKEN);
    }
  });

  test('does not show when the class WebSocket throws', async () => {
    const client = new EventClient({ url, WebSocket: Throwing, ...still() });
    const error = await client.connect().catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'BLOCKED' });
    expect(util.inspect(error)).not.toContain(TOKEN);
  });
});

test('the tables of the document have every option, with its default', () => {
  const file = path.resolve(__dirname, '..', '..', 'docs', 'client.md');
  const rows = fs.readFileSync(file, 'utf8').matchAll(/^\| (`\w+`(?:, `\w+`)*) \|([^|]*)\|/gm);
  const told = new Map();
  for (const [, names, standard] of rows) {
    for (const [, name] of names.matchAll(/`(\w+)`/g)) told.set(name, standard.trim());
  }
  const { WebSocket } = fakeWebSocket();
  const { target, ...settings } = readOptions({ url: `ws://h.example/ws/${TOKEN}`, WebSocket });
  expect(target).toBeInstanceOf(Target);
  for (const [name, value] of Object.entries(settings)) {
    expect([name, told.has(name)]).toEqual([name, true]);
    if (typeof value !== 'number') continue;
    const number = told.get(name).replaceAll('`', '').replace(/:.*/, '');
    expect([name, Number(number)]).toEqual([name, value]);
  }
});
