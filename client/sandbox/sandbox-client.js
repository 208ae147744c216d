// A sandbox: a listener with a workspace behind it. What the page has is `websocket`; all else goes over one more connection,
// which is made when it is first needed.

import { checkNumber, CLOCK } from '../options.js';
import { callsAt } from './socket/calls.js';
import { Files } from './files.js';
import { Git } from './git.js';
import { Link } from './link/link.js';
import { Ports } from './ports.js';
import { Snapshots } from './snapshots.js';
import { terminals } from './terminal/terminals.js';
import { FileWatch } from './watch.js';
import { SandboxWebSocket } from './socket/websocket.js';

/** How long a call, or a command without a connection, waits for the listener. */
const TIMEOUT_MS = 30_000;

export class SandboxClient {
  #link;

  constructor({ baseURL, token, timeoutMs = TIMEOUT_MS, ...rest } = {}) {
    // Called as a plain function: `fetch` of a browser refuses any other `this` than the window.
    const {
      clock = CLOCK,
      random = Math.random,
      fetch = (url, init) => globalThis.fetch(url, init),
    } = rest;
    checkNumber('timeoutMs', timeoutMs, 1);
    const options = { ...rest, url: baseURL, token };
    const common = { clock, random, fetch, timeoutMs, token };
    // Reads the options: wrong ones throw here.
    this.#link = new Link(options, common);
    this.websocket = new SandboxWebSocket(options, { ...common, base: callsAt(baseURL) });
    this.terminal = terminals(this.#link);
    this.files = new Files(this.#link);
    this.git = new Git(this.#link);
    this.snapshots = new Snapshots(this.#link);
    this.ports = new Ports(this.#link);
  }

  watch(paths, options) {
    return new FileWatch(this.#link, paths, options);
  }

  // The names that `Workspace` has.

  execute(command, options) {
    return this.terminal.execute(command, options);
  }

  async readFile(path, options) {
    const { encoding = options, ...rest } = Object(options);
    return this.files[typeof encoding === 'string' ? 'readText' : 'read'](path, rest);
  }

  writeFile(path, data, options) {
    return this.files.write(path, data, options);
  }

  /** Ends all that this client has begun, and its connections. */
  async close() {
    await Promise.all([this.#link.close(), this.websocket.close()]);
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }
}
