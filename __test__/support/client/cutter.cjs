// A TCP proxy that cuts connections on demand: what a train in a tunnel does to a client.
'use strict';

const net = require('node:net');
const { once } = require('node:events');

/**
 * Forwards connections to a port of this machine until it is told to cut them.
 *
 * @example
 * const cutter = await Cutter.before(listener.port);
 * new EventClient(`ws://127.0.0.1:${cutter.port}/?token=${token}`);
 * cutter.cutAfter(70_000); // the connection breaks inside of a message, most likely
 */
class Cutter {
  /** How many connections were accepted and forwarded. */
  connections = 0;
  /** How many were cut. */
  cuts = 0;
  /** Bytes from the server and from the clients that were forwarded, of all connections. */
  down = 0;
  up = 0;
  /** Whether new connections are reset at once, as if nobody listened. */
  refusing = false;
  /** Whether nothing is forwarded although connections stay open: a peer that has gone without a word. */
  #stalled = false;
  #target;
  #server;
  #pairs = new Set();
  #downLeft = Infinity;
  #upLeft = Infinity;
  #then = {};

  /** @param {number} port where it connects to @param {string} [host] */
  static async before(port, host = '127.0.0.1') {
    const cutter = new Cutter();
    cutter.#target = { port, host };
    cutter.#server = net.createServer((client) => cutter.#accept(client));
    await once(cutter.#server.listen(0, '127.0.0.1'), 'listening');
    return cutter;
  }

  get port() {
    return this.#server.address().port;
  }

  /** How many connections are open. */
  get open() {
    return this.#pairs.size;
  }

  /** Connections from now on lead to another port: of a server that was started again. */
  redirect(port) {
    this.#target = { ...this.#target, port };
  }

  /** Cuts all connections now. */
  cut() {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /**
   * Cuts the connection that carries the last of this many more bytes from the server; of the piece that goes beyond, the
   * rest is lost.
   *
   * @param {number} bytes
   * @param {() => void} [then] called when it is cut
   */
  cutAfter(bytes, then) {
    this.#downLeft = bytes;
    this.#then.down = then;
  }

  /** The same for bytes from a client. @param {number} bytes @param {() => void} [then] */
  cutAfterSent(bytes, then) {
    this.#upLeft = bytes;
    this.#then.up = then;
  }

  /** Cuts so often, in each direction in turn, each time after so many bytes. @param {number} times @param {number} bytes */
  cutBothWays(times, bytes) {
    const next = (left) => {
      if (left === 0) return;
      const then = () => next(left - 1);
      if (left % 2 === 0) this.cutAfter(bytes, then);
      else this.cutAfterSent(bytes, then);
    };
    next(times);
  }

  /** Forwards nothing until `flow()`, and closes nothing. */
  stall() {
    this.#stalled = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  /** The same for what comes from the server alone: until the connections are cut. */
  stallDown() {
    for (const { server } of this.#pairs) server.pause();
  }

  flow() {
    this.#stalled = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
    }
  }

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client) {
    if (this.refusing) {
      closeWhatIsNotReset(client);
      client.resetAndDestroy();
      return;
    }
    this.connections += 1;
    const server = net.connect(this.#target);
    const pair = { client, server };
    this.#pairs.add(pair);
    this.#forward(pair, server, client, 'down');
    this.#forward(pair, client, server, 'up');
    if (this.#stalled) this.stall();
  }

  /** One direction, with back-pressure, so that a slow reader stays one. */
  #forward(pair, from, to, way) {
    from.setNoDelay(true);
    from.on('data', (data) => {
      const left = way === 'down' ? this.#downLeft : this.#upLeft;
      const piece = data.length > left ? data.subarray(0, left) : data;
      this[way] += piece.length;
      if (way === 'down') this.#downLeft -= piece.length;
      else this.#upLeft -= piece.length;
      if (data.length >= left) {
        if (way === 'down') this.#downLeft = Infinity;
        else this.#upLeft = Infinity;
        to.write(piece, () => {
          this.#end(pair);
          this.#then[way]?.();
        });
        from.pause();
        return;
      }
      if (!to.write(piece)) {
        from.pause();
        to.once('drain', () => this.#stalled || from.resume());
      }
    });
    from.on('end', () => to.end());
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroy();
    });
    // A `close` follows any error.
    closeWhatIsNotReset(from);
  }

  #end(pair) {
    if (!this.#pairs.delete(pair)) return;
    this.cuts += 1;
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  }
}

/**
 * Node ends a socket before it resets it. If the other side ends it in between, the reset fails with EINVAL, and Node leaves its
 * handle open, which would keep this process alive.
 */
function closeWhatIsNotReset(socket) {
  socket.on('error', ({ syscall }) => {
    // oxlint-disable-next-line no-underscore-dangle -- it has no other name
    if (syscall === 'reset') socket._handle?.close(() => socket.emit('close', true));
  });
}

module.exports = { Cutter };
