// A real WebSocket client: Node's own where there is one (22 and newer), else the package `ws`.
'use strict';

/** @typedef {{code: number, reason: string}} Ending */
/** @typedef {{name: string, closed: Promise<Ending>}} Client */

/**
 * Connects, and calls `hear` with each message. Resolves once it is connected.
 *
 * @param {string} url
 * @param {(text: string) => void} hear
 * @returns {Promise<Client>}
 */
function connect(url, hear) {
  const own = /** @type {any} */ (globalThis).WebSocket;
  const name = own ? "Node's own WebSocket" : 'the package ws';
  // @ts-ignore: it has no types of its own
  const WebSocket = own ?? require('ws');
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => {
    socket.addEventListener('close', (/** @type {Ending} */ { code, reason }) =>
      resolve({ code, reason }),
    );
  });
  socket.addEventListener('message', (/** @type {{data: unknown}} */ { data }) =>
    hear(String(data)),
  );
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve({ name, closed }));
    socket.addEventListener('error', () =>
      reject(new Error('the WebSocket client cannot connect')),
    );
  });
}

module.exports = { connect };
