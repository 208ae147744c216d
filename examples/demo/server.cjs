// A server that can be stopped, which cuts its connections as a crash would, and started again on the same
// port; and how to read a given number of bytes from a socket.
'use strict';

/** A server that remembers its sockets, so that stopping it leaves none. */
class Stoppable {
  /** What was asked of it: `GET http://…`, `CONNECT …`, `SOCKS5 …`. @type {string[]} */
  asked = [];
  #port;
  #make;
  /** @type {import('node:net').Server | undefined} */
  #server;
  /** @type {Set<import('node:stream').Duplex>} */
  #sockets = new Set();

  /** @param {number} port @param {(self: Stoppable) => import('node:net').Server} make */
  constructor(port, make) {
    this.#port = port;
    this.#make = make;
  }

  get port() {
    return this.#port;
  }

  /** @param {import('node:stream').Duplex} socket */
  keep(socket) {
    this.#sockets.add(socket);
    // Cut connections are this server's daily bread.
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** @returns {Promise<this>} */
  start() {
    const server = this.#make(this);
    this.#server = server;
    server.on('connection', (socket) => this.keep(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', () => {
        this.#port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
        resolve(this);
      });
    });
  }

  /** @returns {Promise<void>} */
  stop() {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      if (server) server.close(() => resolve());
      else resolve();
    });
  }
}

/**
 * The next `count` bytes of a socket.
 *
 * @param {import('node:net').Socket} socket
 * @param {number} count
 * @returns {Promise<Buffer>}
 */
function take(socket, count) {
  // `read(0)` reads nothing, and an end that has been told is not told again.
  if (count === 0) return Promise.resolve(Buffer.alloc(0));
  if (socket.readableEnded || socket.destroyed) return Promise.reject(new Error('it has ended'));
  return new Promise((resolve, reject) => {
    const look = () => {
      const bytes = socket.read(count);
      if (bytes?.length === count) done(() => resolve(bytes));
    };
    const gone = () => done(() => reject(new Error('the connection ended')));
    const done = (/** @type {() => void} */ end) => {
      socket.off('readable', look).off('end', gone).off('close', gone);
      end();
    };
    socket.on('readable', look).on('end', gone).on('close', gone);
    look();
  });
}

module.exports = { Stoppable, take };
