// `sandbox.websocket`: the connections of the sandbox's page.

import { failure } from '../link/failure.js';
import { EventClient } from '../../event-client.js';
import { SandboxSocket } from './socket.js';
import { call } from './calls.js';
import { checkNumber } from '../../options.js';

export class SandboxWebSocket {
  #common;
  #options;
  #sockets = new Set();

  constructor(options, common) {
    this.#options = options;
    this.#common = common;
  }

  /** Resolves when it is open. Tries again until then, for `timeoutMs`. */
  async connect({ silent, binary, timeoutMs = this.#common.timeoutMs } = {}) {
    const { clock } = this.#common;
    checkNumber('timeoutMs', timeoutMs);
    const client = new EventClient({ ...this.#options, silent, binary });
    const socket = new SandboxSocket(client, clock);
    this.#sockets.add(socket);
    let why;
    let late;
    client.on('statechange', ({ name, reason }) => {
      if (name === 'closed') this.#sockets.delete(socket);
      else why = reason ?? why;
    });
    const timer = clock.setTimeout(() => {
      late = failure('NOT_CONNECTED', `there was no connection for ${timeoutMs} ms`, why);
      void client.close();
    }, timeoutMs);
    try {
      await client.connect();
      return socket;
    } catch (error) {
      throw late ?? error;
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Whether the listener has a connection with this token. `false` if it cannot be reached. */
  async isConnected() {
    try {
      return (await call(this.#common, 'connection')).wsConnected;
    } catch (error) {
      if (error.code === 'UNREACHABLE') return false;
      throw error;
    }
  }

  /** The open connections. */
  async getConnections() {
    return (await call(this.#common, 'connections')).connections;
  }

  /** Closes all connections of this token; those of this client are not made again. */
  async disconnect() {
    try {
      const body = JSON.stringify({ token: this.#common.token });
      await call(this.#common, 'disconnect', { method: 'POST', body });
    } finally {
      await this.close();
    }
  }

  /** Closes those of this client. */
  async close() {
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
  }
}
