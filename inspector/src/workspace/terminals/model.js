// The terminals of the workspace, and those that this page is attached to.

import { Poll } from '../../shell/polling.js';
import { Observable } from '../observable.js';
import { Held } from './held.js';

/** Whether its screen gets output, or will. */
const isUsed = (held) => held?.isAttached || held?.isStarting;

/** So many are held: each is a screen with its lines. */
const MOST_HELD = 16;

export class Terminals extends Observable {
  /** As the listener tells of them; `undefined` until it has. */
  rows;
  problem;
  /** By id: those with a screen here. */
  held = new Map();
  /** The one that is shown. */
  shown;
  isReadAloud = false;
  #workspace;
  #poll;
  /** Ids of those that are being ended. */
  ending = new Set();

  constructor(workspace) {
    super();
    this.#workspace = workspace;
  }

  /** Whether a screen here gets output or will, or something is being ended. */
  get isBusy() {
    return this.ending.size > 0 || [...this.held.values(), this.shown].some(isUsed);
  }

  /** Asks for the list at intervals, as nobody tells of other clients' terminals. @returns {() => void} ends that */
  follow() {
    const poll = (this.#poll = new Poll(
      () => this.#list(),
      () => this.changed(),
    ));
    return () => {
      poll.end();
      if (this.#poll === poll) this.#poll = undefined;
    };
  }

  /** Asks anew if somebody follows the list. */
  async refresh() {
    await this.#poll?.now();
  }

  async #list() {
    try {
      this.rows = await this.#workspace.sandbox.terminal.list();
      this.problem = undefined;
    } catch (error) {
      // `CLOSED`: the view was left.
      if (error.code !== 'CLOSED') this.problem = error;
    }
  }

  /** A new one, once its screen has a size. While it starts, another one would take its place: a double click is one. */
  open({ command, cwd }) {
    if (this.shown?.isStarting) return;
    const { sandbox } = this.#workspace;
    this.#hold({ title: command || 'shell', pty: true }, (size) =>
      sandbox.terminal.create({ command: command || undefined, cwd: cwd || undefined, ...size }),
    );
  }

  attach({ id, command, pty }) {
    const { sandbox } = this.#workspace;
    const former = this.held.get(id);
    this.#drop(former);
    const start = (size) => sandbox.terminal.attach(id, pty ? size : {});
    this.#hold({ id, title: command || 'shell', pty }, start);
  }

  show(held) {
    const former = this.shown;
    this.shown = held;
    held.focus();
    // One that never ran is in no list.
    if (former?.problem && former.id === undefined && former !== held) former.dispose();
    this.changed();
  }

  /** The command goes on, and so does its screen here until it is attached again. */
  detach(held) {
    held.detach();
    this.refresh();
  }

  /** Takes the screen of one that is not attached away. */
  close(held) {
    held.detach();
    this.#drop(held);
    this.changed();
  }

  async kill({ id, to }) {
    this.ending.add(id);
    this.changed();
    try {
      const held = this.held.get(id);
      const terminal = held?.isAttached
        ? held.terminal
        : await this.#workspace.sandbox.terminal.attach(id, { offset: to });
      await terminal.close();
    } catch (error) {
      this.problem = error;
    } finally {
      this.ending.delete(id);
    }
    await this.refresh();
  }

  readAloud(isReadAloud) {
    this.isReadAloud = isReadAloud;
    for (const held of this.held.values()) held.readAloud(isReadAloud);
    this.changed();
  }

  #hold(known, start) {
    const settled = () => {
      // Its id is known once it runs.
      if (held.id !== undefined) this.held.set(held.id, held);
      this.refresh();
      this.changed();
    };
    const held = new Held(known, start, () => this.changed(), settled);
    held.readAloud(this.isReadAloud);
    if (known.id !== undefined) this.held.set(known.id, held);
    if (this.held.size >= MOST_HELD)
      this.#drop([...this.held.values()].find((one) => one !== held && !one.isAttached));
    this.show(held);
  }

  #drop(held) {
    if (!held) return;
    if (this.held.get(held.id) === held) this.held.delete(held.id);
    if (this.shown === held) this.shown = undefined;
    held.dispose();
  }
}
