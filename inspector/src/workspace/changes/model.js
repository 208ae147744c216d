// A watched folder and what changes in it.

import { Poll } from '../../shell/polling.js';
import { Observable } from '../observable.js';
import { simple } from '../operations.js';

/** So many changes are shown; the counts go on. */
export const SHOWN = 100;

const none = () => ({ created: 0, modified: 0, deleted: 0, renamed: 0, overflow: 0 });

export class Changes extends Observable {
  folder = '.';
  /** The newest last: `{ kind, path, oldPath?, time, size, isDirectory }`. */
  rows = [];
  counts = none();
  total = 0;
  state = 'idle';
  ready;
  problem;
  isSilent = false;
  /** What the last silence has muted, as this page's connection for events was told: `{ changed, since }`. */
  muted;
  #workspace;
  #watch;
  #poll;

  constructor(workspace) {
    super();
    this.#workspace = workspace;
    workspace.onEvent(({ type, data }) => {
      if (type !== 'file:summary') return;
      const { changed, since } = simple(data);
      this.muted = { changed: Number(changed), since: Date.parse(since) };
      this.changed();
    });
  }

  get isWatching() {
    return this.#watch !== undefined;
  }

  async start(folder) {
    await this.stop();
    Object.assign(this, {
      folder,
      rows: [],
      counts: none(),
      total: 0,
      muted: undefined,
      ready: undefined,
      problem: undefined,
    });
    this.state = 'starting';
    this.changed();
    let watch;
    try {
      watch = this.#watch = this.#workspace.sandbox.watch(folder);
      this.ready = await watch.ready;
      if (this.#watch !== watch) return;
      this.state = 'watching';
      this.#poll = new Poll(
        () => this.#askSilence(),
        ({ value = this.isSilent }) => {
          if (value === this.isSilent) return;
          this.isSilent = value;
          this.changed();
        },
      );
      this.changed();
      for await (const change of watch) this.#take(simple(change));
    } catch (error) {
      if (this.#watch === watch) this.problem = error;
    } finally {
      if (this.#watch === watch) this.#over();
    }
  }

  async stop() {
    const watch = this.#watch;
    this.#over();
    await watch?.close();
  }

  #over() {
    this.#watch = undefined;
    this.state = 'idle';
    this.#poll?.end();
    this.changed();
  }

  #take({ changeType: kind, path, oldPath, timestamp, size, isDirectory }) {
    this.total += 1;
    if (Object.hasOwn(this.counts, kind)) this.counts[kind] += 1;
    this.rows.push({ kind, path, oldPath, time: Date.parse(timestamp), size, isDirectory });
    // Now and then, so that not every change moves all.
    if (this.rows.length > 2 * SHOWN) this.rows.splice(0, this.rows.length - SHOWN);
    this.changed();
  }

  /** A silence is for all connections: that of this page's events tells it as well. No event does. */
  async #askSilence() {
    const answer = await this.#workspace.get('/ws/connections');
    if (!answer) return this.isSilent;
    const connections = JSON.parse(answer).connections ?? [];
    return connections.length > 0 && connections.every(({ silent }) => silent);
  }
}
