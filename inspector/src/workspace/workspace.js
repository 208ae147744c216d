// What the view of the workspace works with: one connection of its own, and the models of its parts.

import { Changes } from './changes/model.js';
import { Git } from './git/model.js';
import { Operations } from './operations.js';
import { Snapshots } from './snapshots/model.js';
import { Terminals } from './terminals/model.js';

export class Workspace {
  #session;
  #sandbox;
  /** With which token the connection was made. */
  #login;

  constructor(session) {
    this.#session = session;
    this.operations = new Operations(session);
    this.terminals = new Terminals(this);
    this.changes = new Changes(this);
    this.git = new Git(this);
    this.snapshots = new Snapshots(this);
  }

  /** The client of the workspace. Its connection is made when the first command is sent. */
  get sandbox() {
    if (this.#login !== this.#session.login) {
      this.#sandbox?.close();
      this.#sandbox = this.#session.makeSandbox();
      this.#login = this.#session.login;
    }
    return this.#sandbox;
  }

  /** The answer of one of the listener's routes, or `undefined`. */
  get(path) {
    return this.#session.get(path);
  }

  onEvent(listener) {
    return this.#session.onEvent(listener);
  }

  /** The view is left: without something that goes on, the connection is not needed. */
  leave() {
    const { terminals, changes, snapshots, git } = this;
    if (terminals.isBusy || changes.isWatching || snapshots.isBusy || git.busy) return;
    this.#sandbox?.close();
    this.#sandbox = this.#login = undefined;
  }
}
