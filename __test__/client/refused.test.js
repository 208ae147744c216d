/**
 * The client and real listeners: every way to be refused.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const http = require('node:http');
const { once } = require('node:events');
const WebSocket = require('ws');
const { loopwire } = require('../support/harness.cjs');
const { listeners } = require('../support/channel/client.cjs');
const { at, clientsOf } = require('../support/client/clients.cjs');

const { EventClient } = requireModule('index.js');
const start = listeners(loopwire);
const { make, servers } = clientsOf(EventClient);

/** The class `ws`, whose handshakes fail without a word, as those of a browser do. */
class Silent extends WebSocket {
  once(name, listener) {
    return name === 'unexpected-response' ? this : super.once(name, listener);
  }
}

/** Not every resolver knows names beneath localhost. */
const resolve = (name, _, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

/** `fetch` with that resolver. */
const resolvedFetch = (url, { headers, signal }) =>
  new Promise((give, fail) => {
    const call = http.get(url, { headers, signal, lookup: resolve, agent: false }, (answer) => {
      const { statusCode: status } = answer;
      let text = '';
      answer.on('data', (piece) => (text += piece));
      answer.on('end', () => give({ status, headers: new Headers(), text: async () => text }));
    });
    call.on('error', fail);
  });

/** An HTTP server that answers everything alike. */
async function answering(status, headers = {}, body = '') {
  const server = http.createServer((_, response) => response.writeHead(status, headers).end(body));
  server.on('upgrade', (_, socket) => {
    const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.on('error', () => {});
    socket.end(`HTTP/1.1 ${status} No\r\n${lines.join('')}\r\n${body}`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  servers.add({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return server.address().port;
}

describe.each([
  ['ws tells of', WebSocket],
  ['the probe finds', Silent],
])('a handshake that is refused, as %s', (_, WebSocket) => {
  const refused = async (options, reason) => {
    const { client } = make({ WebSocket, ...options });
    await expect(client.connect()).rejects.toMatchObject({ name: 'ConnectionError', ...reason });
    expect(client.state).toMatchObject({ name: 'closed', reason });
    expect(client.state.reason.message).not.toContain(String(options.token));
  };

  test('401: the token is wrong', async () => {
    const listener = start();
    const { url } = at(listener);
    await refused({ url, token: 'a-wrong-token' }, { code: 'UNAUTHORIZED', status: 401 });
    await refused({ url: `${url}/ws/another-wrong` }, { code: 'UNAUTHORIZED', status: 401 });
  });

  test('403: the host is refused', async () => {
    const listener = start();
    const { port } = listener;
    const options = { ...at(listener), url: `ws://wrong.localhost:${port}` };
    class Resolved extends WebSocket {
      constructor(url, protocols) {
        super(url, protocols, { lookup: resolve });
      }
    }
    await refused(
      { ...options, WebSocket: Resolved, fetch: resolvedFetch },
      { code: 'HOST_REFUSED', status: 403 },
    );
  });

  test('400: a flag is invalid', async () => {
    const port = await answering(400, {}, '{"success":false,"error":"no","code":"BAD_REQUEST"}');
    const options = { url: `ws://127.0.0.1:${port}`, token: 'some-token' };
    await refused(options, { code: 'BAD_REQUEST', status: 400, message: 'no' });
  });

  test('404: there is no listener at this path', async () => {
    const port = await answering(404);
    const options = { url: `ws://127.0.0.1:${port}`, token: 'some-token' };
    await refused(options, { code: 'HTTP_404', status: 404 });
  });

  test('what a stranger says of the URL does not show the token', async () => {
    const port = await answering(410, {}, '{"error":"no /ws/some-token here"}');
    const options = { url: `ws://127.0.0.1:${port}/ws/some-token` };
    await refused({ ...options }, { code: 'HTTP_410', message: 'no /ws/… here' });
  });

  test('a body that is not of a listener is not repeated', async () => {
    const port = await answering(418, {}, `<h1>${'x'.repeat(10_000)}</h1>`);
    const options = { url: `ws://127.0.0.1:${port}`, token: 'some-token' };
    await refused(options, { code: 'HTTP_418', status: 418 });
  });

  test('a body and a Retry-After that make no sense are not obeyed', async () => {
    const poison = { toString: 1, valueOf: 1 };
    const body = JSON.stringify({ code: poison, error: poison });
    const options = { token: 'some-token' };
    const port = await answering(410, { 'retry-after': '-100000' }, body);
    await refused({ ...options, url: `ws://127.0.0.1:${port}` }, { code: 'HTTP_410', status: 410 });
    const busy = await answering(503, { 'retry-after': '-100000' }, body);
    const url = `ws://127.0.0.1:${busy}`;
    const { client, state } = make({
      WebSocket,
      url,
      ...options,
      baseDelayMs: 60_000,
      random: () => 1,
    });
    client.connect().catch(() => {});
    const { reason, retryAt } = await state('waiting');
    expect(reason.code).toBe('HTTP_503');
    // The delay is that of the client, which is maxDelayMs at most.
    expect(retryAt - Date.now()).toBeGreaterThan(0);
  });

  test('503 is tried again, not before Retry-After', async () => {
    const port = await answering(503, { 'retry-after': '1' });
    const { client, state } = make({
      WebSocket,
      url: `ws://127.0.0.1:${port}`,
      token: 'some-token',
    });
    void client.connect();
    const { reason, retryAt } = await state('waiting');
    expect(reason).toMatchObject({ code: 'HTTP_503', status: 503 });
    expect(retryAt - Date.now()).toBeGreaterThan(900);
    const before = Date.now();
    client.notifyResume();
    await state('connecting');
    expect(Date.now() - before).toBeGreaterThan(900);
  });

  test('502 of a proxy is tried again', async () => {
    const port = await answering(502);
    const { client, state } = make({
      WebSocket,
      url: `ws://127.0.0.1:${port}`,
      token: 'some-token',
    });
    void client.connect();
    expect((await state('waiting')).reason).toMatchObject({ code: 'HTTP_502', status: 502 });
  });

  test('nobody is there, and then somebody is', async () => {
    const listener = start();
    const { port } = listener;
    const options = at(listener);
    await listener.close();
    const { client, state } = make({ WebSocket, ...options });
    const connected = client.connect();
    expect((await state('waiting')).reason.code).toBe('UNREACHABLE');
    loopwire.startEventListener(port, options.token, () => {});
    await connected;
    expect(client.state.name).toBe('open');
  });
});

test('requests that break are no refusal of a page where there is none: it is tried again', async () => {
  const listener = start();
  // Of the three questions the second is answered.
  let asked = 0;
  const fetch = async (url, init) => {
    asked += 1;
    if (asked !== 2) throw new TypeError('the connection broke');
    return globalThis.fetch(url, init);
  };
  const { client, state } = make({ ...at(listener), WebSocket: Silent, token: 'wrong', fetch });
  client.connect().catch(() => {});
  expect((await state('waiting')).reason.code).toBe('CONNECT_FAILED');
  expect(asked).toBeGreaterThanOrEqual(3);
});

test('a listener that is full is found again when there is room', async () => {
  const listener = start({ maxConnections: 1 });
  const first = make(at(listener));
  await first.client.connect();
  const { client, state } = make(at(listener));
  const connected = client.connect();
  const { reason } = await state('waiting');
  expect(reason).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', status: 503 });
  await first.client.close();
  await connected;
});

test('a full listener and a class that tells nothing: the handshake failed', async () => {
  const listener = start({ maxConnections: 1 });
  const first = make(at(listener));
  await first.client.connect();
  const { client, state } = make({ ...at(listener), WebSocket: Silent });
  void client.connect();
  expect((await state('waiting')).reason.code).toBe('HANDSHAKE_FAILED');
});

test('without fetch nothing is asked, and it says that it does not know', async () => {
  const listener = start();
  const { client, state } = make({
    ...at(listener),
    token: 'wrong',
    WebSocket: Silent,
    fetch: null,
  });
  void client.connect();
  expect((await state('waiting')).reason.code).toBe('CONNECT_FAILED');
});
