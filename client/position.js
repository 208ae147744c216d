// Where a client is in the stream of events: what it asks for when it returns, what it has seen before, and what is missing.
//
// PROTOCOL section 4. Pure: it gets messages and says which to deliver.

import { isCount } from './json.js';

/** How many messages with one number are remembered. A listener sends two for each watch at most. */
const MAX_OPEN = 1_000;

export class Position {
  #epoch;
  /** The texts of the messages with the number `#seq`, if more may belong to them that have not come. */
  #open = new Set();
  /** What this connection has said in its `hello`. */
  #hello;
  #seq;
  /** From a request to resume until the listener has answered it. */
  #asked;

  /** `since` is where to begin: a position, perhaps without an epoch. */
  constructor(since) {
    this.#epoch = since?.epoch;
    this.#seq = since?.seq;
  }

  /** `{epoch, seq}` to store and to give to a later client; `null` before the first `hello`. */
  get value() {
    return this.#epoch === undefined ? null : { epoch: this.#epoch, seq: this.#seq };
  }

  /** A new connection begins: the flags of its URL. */
  begin() {
    this.#hello = undefined;
    this.#asked = this.#seq !== undefined;
    if (!this.#asked) return {};
    // The connection may have ended between two messages with one number. So the number is asked for again, and what was
    // seen of it is dropped.
    return { epoch: this.#epoch, since: this.#seq - (this.#open.size > 0 ? 1 : 0) };
  }

  /** The messages to deliver for one that came: itself, nothing, or a gap before it. */
  take(message, text) {
    if (!this.#hello) {
      this.#hello = message.data;
      if (!this.#asked) this.#moveTo(message.data.seq);
      return [message];
    }
    // The application may send a client what looks like these, and is not.
    if (isCount(message.data?.from) && isCount(message.data.to)) {
      if (message.type === 'gap') return [this.#gap(message)];
      if (message.type === 'resumed') return [...this.#resumed(message.data.from), message];
    }
    if (!isCount(message.seq)) return [message];
    // A listener that ignores `since`: its events begin after the head that `hello` gave.
    const missing = this.#asked ? this.#resumed(this.#hello.seq + 1) : [];
    return this.#isNew(message, text) ? [...missing, message] : missing;
  }

  #gap(message) {
    const { from, to, reason } = message.data;
    if (reason === 'restart') {
      const previous = { epoch: this.#epoch, seq: this.#seq };
      this.#moveTo(to);
      // The listener cannot know it: of the former epoch everything behind this number is lost.
      return { ...message, data: { ...message.data, previous } };
    }
    // `ahead`: those numbers have not been given yet, and the next events get them.
    this.#moveTo(reason === 'ahead' ? from - 1 : Math.max(this.#seq, to));
    return message;
  }

  #moveTo(seq) {
    this.#epoch = this.#hello.epoch;
    this.#seq = seq;
    this.#open.clear();
  }

  /** The answer to the request to resume: `from` is the number of the next event. Gives a gap that was not told. */
  #resumed(from) {
    const previous = { epoch: this.#epoch, seq: this.#seq };
    const restarted = previous.epoch !== undefined && previous.epoch !== this.#hello.epoch;
    const data = restarted
      ? { from: 1, to: from - 1, reason: 'restart', previous }
      : { from: previous.seq + 1, to: from - 1, reason: 'unknown' };
    this.#asked = false;
    this.#epoch = this.#hello.epoch;
    if (!restarted && data.from >= from) return [];
    this.#moveTo(from - 1);
    return [{ type: 'gap', data }];
  }

  #isNew({ type, seq }, text) {
    // A summary has the number of an event before it, and is sent once (PROTOCOL section 6).
    if (type === 'file:summary') {
      if (seq >= this.#seq) this.#open.clear();
      this.#seq = Math.max(this.#seq, seq);
      return true;
    }
    if (seq < this.#seq) return false;
    if (seq > this.#seq) this.#open.clear();
    this.#seq = seq;
    if (this.#open.has(text)) return false;
    // Only a change of a file is sent in several messages: a rename over the border of a watch.
    if (type === 'file:changed' && this.#open.size < MAX_OPEN) this.#open.add(text);
    return true;
  }
}
