// A sandbox: a listener with a workspace behind it. What the page has is `websocket`; all else goes over one more connection,
// which is made when it is first needed.

import { SandboxWebSocket } from './socket/websocket.js';
import { checkNumber, readOptions } from '../options.js';
import { FileWatch } from './watch.js';
import { Snapshots } from './snapshots.js';
import { Link } from './link/link.js';
import { Ports } from './ports.js';
import { git } from './git.js';
import { asyncDispose } from '../dispose.js';
import { terminals } from './terminal/terminals.js';
import { Files } from './files.js';

/** How long a call, or a command without a connection, waits for the listener. */
const TIMEOUT_MS = 30_000;

export class SandboxClient {
  #link;

  constructor({ baseURL, token, timeoutMs = TIMEOUT_MS, ...rest } = {}) {
    checkNumber('timeoutMs', timeoutMs);
    const options = { ...rest, url: baseURL, token };
    // Wrong options throw here.
    const common = { ...readOptions(options), timeoutMs, token };
    this.#link = new Link(options, common);
    this.websocket = new SandboxWebSocket(options, common);
    this.terminal = terminals(this.#link);
    this.files = new Files(this.#link);
    this.git = git(this.#link);
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

  [asyncDispose]() {
    return this.close();
  }
}
