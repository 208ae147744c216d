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
  /** Whether the view is there. */
  isShown = false;

  constructor(session) {
    this.#session = session;
    this.operations = new Operations(session);
    this.terminals = new Terminals(this);
    this.changes = new Changes(this);
    this.git = new Git(this);
    this.snapshots = new Snapshots(this);
    const { terminals, changes, git, snapshots } = this;
    for (const part of [terminals, changes, git, snapshots]) part.onChange(() => this.#rest());
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

  enter() {
    this.isShown = true;
  }

  leave() {
    this.isShown = false;
    this.#rest();
  }

  /** Without the view, and without something that goes on, the connection is not needed. */
  #rest() {
    if (this.isShown || !this.#sandbox) return;
    const { terminals, changes, snapshots, git } = this;
    if (terminals.isBusy || changes.isWatching || snapshots.isBusy || git.busy) return;
    this.#sandbox.close();
    this.#sandbox = this.#login = undefined;
  }
}
