// What a watcher has told, and when.
'use strict';

/** How long the last changes may take: a peer may wait for files to stay as they are. */
const PATIENCE_MS = 30_000;

class Heard {
  #at = new Map();
  #added = () => {};

  /** For the watcher. @param {string} name */
  changed = (name) => {
    if (!this.#at.has(name)) this.#at.set(name, process.hrtime.bigint());
    this.#added();
  };

  forget() {
    this.#at.clear();
  }

  /** Nanoseconds from each change to its first event. */
  async latencies(changes) {
    await this.all(changes.map(([name]) => name));
    return changes.map(([name, at]) => Number(this.#at.get(name) - at));
  }

  /** Waits for all of these paths. Returns when the last one was told first. */
  async all(names) {
    const missing = () => names.filter((name) => !this.#at.has(name));
    let left = missing().length;
    if (left > 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`Error: ${missing().length} changes were never told`)),
          PATIENCE_MS,
        );
        this.#added = () => {
          // Counting all of them for each event would be the measurement.
          if (this.#at.size < names.length || (left = missing().length) > 0) return;
          clearTimeout(timer);
          resolve();
        };
        this.#added();
      });
      this.#added = () => {};
    }
    return names.reduce((last, name) => {
      const at = this.#at.get(name);
      return at > last ? at : last;
    }, 0n);
  }
}

module.exports = { Heard };
