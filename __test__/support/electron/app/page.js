// Collects the events that come by IPC and, after `connect`, by the page's own socket.
/* global events, loopwireClient */
'use strict';

const byIpc = [];
const bySocket = [];
events.listen((message) => byIpc.push(message));

// oxlint-disable-next-line no-unused-vars -- tests call it
async function connect() {
  const client = new loopwireClient.EventClient(await events.connection());
  client.on('event', (event) => bySocket.push(event));
  await client.connect();
  window.client = client;
  return client.state.name;
}
