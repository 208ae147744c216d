// Sums over the harness's events: whether each came once and in order, and whether two readers saw the
// same order. Fast enough for millions.
'use strict';

// `{"type":"harness","payload":"` comes first, then `<thread>:<n>:`.
const AT = '{"type":"harness","payload":"'.length;

class Sums {
  /** @param {number} threads how many sources there are */
  constructor(threads) {
    this.next = Array.from({ length: threads }, () => 0);
    this.count = 0;
    /** Of the order of all events; equal for readers that saw the same. */
    this.hash = 0;
    /** The source of the last one. */
    this.thread = -1;
    /** What was wrong first. */
    this.wrong = null;
  }

  /** Takes one event's bytes. */
  add(data) {
    const thread = data[AT] - 48;
    let n = 0;
    for (let at = AT + 2; data[at] !== 58; at += 1) n = n * 10 + data[at] - 48;
    if (this.next[thread] !== n) {
      this.wrong ??= `thread ${thread}: ${n} came where ${this.next[thread]} was due`;
    }
    this.next[thread] = n + 1;
    this.thread = thread;
    this.count += 1;
    this.hash = (Math.imul(this.hash, 31) + Math.imul(thread + 1, n + 7)) | 0;
    return this;
  }

  /** What two readers of the same events agree on. */
  get result() {
    const { count, hash, next, wrong } = this;
    return { count, hash, next, wrong };
  }
}

module.exports = { Sums };
