/**
 * Clients that a test may await, and what has to end with it.
 */
'use strict';

const WebSocket = require('ws');
const { Inbox } = require('../inbox.cjs');
const { tokenOf } = require('../channel/client.cjs');

/** Retries at once, so that a test does not wait for them. */
const FAST = { baseDelayMs: 1, maxDelayMs: 20 };

/** Where a listener is. */
const at = (listener, port = listener.port) => ({
  url: `ws://127.0.0.1:${port}`,
  token: tokenOf(listener),
});

/** To be called once in a test file: `make` makes clients, and what is added to `servers` is closed after each test. */
function clientsOf(EventClient) {
  const clients = new Set();
  const servers = new Set();

  afterEach(async () => {
    for (const client of clients) await client.close();
    clients.clear();
    for (const server of servers) await server.close();
    servers.clear();
  });

  /** A client whose messages and states can be awaited. */
  function make(options) {
    const client = new EventClient({ WebSocket, ...FAST, ...options });
    clients.add(client);
    const states = new Inbox();
    const events = new Inbox();
    client
      .on('statechange', (state) => states.push(state))
      .on('event', (event) => events.push(event));
    const state = async (name) => (await states.until((one) => one.name === name)).at(-1);
    return { client, states, events, state };
  }

  return { make, servers };
}

const ended = async ({ state }, reason) => {
  expect((await state('closed')).reason).toMatchObject(reason);
};

module.exports = { at, clientsOf, ended };
