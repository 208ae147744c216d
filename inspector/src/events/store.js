// The events that the page has seen, a million of them in little memory.
//
// An event is not kept as an object, which would take several times its text: its JSON text stands in a chunk with about a thousand
// others, and what lists and filters ask for most (number, time, type) in typed arrays beside it. A chunk is the unit of dropping
// and of searching.

/** How many events are kept. */
export const MAX_EVENTS = 1_000_000;
/** How many bytes their texts may take; with the typed arrays it stays below 200 MB in all. */
export const MAX_BYTES = 128 * 1024 * 1024;

const CHUNK_EVENTS = 1024;
/** Long events must not make chunks that are searched in one go for a long time. */
const CHUNK_CHARS = 512 * 1024;
/** Types beyond these have no name of their own, as the names are kept for good. */
const MAX_TYPES = 4096;
const OTHER_TYPES = '(other types)';
const TOO_DEEP = '(this event is nested too deep to be kept)';

class Chunk {
  length = 0;
  chars = 0;
  /** The texts one by one while the chunk grows; then one string. */
  parts = [];
  text;
  bytes = 0;
  seqs = new Float64Array(CHUNK_EVENTS);
  times = new Float64Array(CHUNK_EVENTS);
  types = new Uint16Array(CHUNK_EVENTS);
  ends = new Uint32Array(CHUNK_EVENTS);

  /** @param {number} first the place of its first event among all that were ever seen */
  constructor(first) {
    this.first = first;
  }

  get isFull() {
    return this.length === CHUNK_EVENTS || this.chars >= CHUNK_CHARS;
  }

  body(index) {
    if (this.text === undefined) return this.parts[index];
    return this.text.slice(index === 0 ? 0 : this.ends[index - 1], this.ends[index]);
  }

  seal() {
    this.text = this.parts.join('');
    this.parts = undefined;
    this.bytes = stored(this.text);
    if (this.length === CHUNK_EVENTS) return;
    for (const name of ['seqs', 'times', 'types', 'ends']) {
      this[name] = this[name].slice(0, this.length);
    }
  }
}

/** Engines keep a string in one byte a character if it has none above U+00FF, in two otherwise. */
const stored = (text) => (/[^\u0000-\u00ff]/.test(text) ? 2 : 1) * text.length;

export class EventStore {
  /** Names of types by their number. */
  types = [];
  /** How many events of each were seen. */
  counts = [];
  #numbers = new Map();
  #chunks = [];
  #bytes = 0;
  #maxEvents;
  #maxBytes;

  constructor({ maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES } = {}) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
    this.clear();
  }

  /** The place of the oldest event that is kept. */
  get first() {
    return this.#chunks[0].first;
  }

  /** The place behind the newest one: how many were seen. */
  get end() {
    const last = this.#chunks[this.#chunks.length - 1];
    return last.first + last.length;
  }

  get length() {
    return this.end - this.first;
  }

  get bytes() {
    return this.#bytes;
  }

  get chunks() {
    return this.#chunks;
  }

  /** Forgets the events. Places go on where they were, so that nobody takes an old place for a new event. */
  clear() {
    this.#chunks = [new Chunk(this.#chunks.length > 0 ? this.end : 0)];
    this.#bytes = 0;
  }

  /** @param {any} message an event as the client gives it @param {number} now */
  push(message, now) {
    const { type, seq, timestamp, ...rest } = message;
    const time = Date.parse(timestamp);
    // What the listener's form cannot say again stays in the text.
    if (timestamp !== undefined && !same(time, timestamp)) rest.timestamp = timestamp;
    const number = this.#number(String(type));
    if (this.types[number] !== type) rest.type = type;
    const body = bodyOf(rest);

    let chunk = this.#chunks[this.#chunks.length - 1];
    if (chunk.isFull) {
      chunk.seal();
      this.#bytes += chunk.bytes;
      chunk = new Chunk(this.end);
      this.#chunks.push(chunk);
      this.#drop();
    }
    const index = chunk.length;
    chunk.seqs[index] = typeof seq === 'number' ? seq : NaN;
    // Negative: the event does not say its time, this is when it came.
    chunk.times[index] = Number.isNaN(time) ? -now : time;
    chunk.types[index] = number;
    chunk.parts.push(body);
    chunk.chars += body.length;
    chunk.ends[index] = chunk.chars;
    chunk.length += 1;
    this.counts[number] += 1;
  }

  /** The oldest chunks, beyond what is kept. */
  #drop() {
    while (
      this.#chunks.length > 2 &&
      (this.length > this.#maxEvents || this.#bytes > this.#maxBytes)
    ) {
      this.#bytes -= this.#chunks.shift().bytes;
    }
  }

  #number(type) {
    let number = this.#numbers.get(type);
    if (number !== undefined) return number;
    const name = this.types.length < MAX_TYPES - 1 ? type : OTHER_TYPES;
    number = this.#numbers.get(name) ?? this.types.length;
    if (number === this.types.length) {
      this.#numbers.set(name, number);
      this.types.push(name);
      this.counts.push(0);
    }
    return number;
  }

  /** The index of the chunk that holds a place. */
  chunkAt(place) {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle].first <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What a row shows, without its text parsed; `undefined` for one that is not kept. */
  at(place) {
    if (!(place >= this.first && place < this.end)) return undefined;
    const chunk = this.#chunks[this.chunkAt(place)];
    const index = place - chunk.first;
    const seq = chunk.seqs[index];
    return {
      place,
      type: this.types[chunk.types[index]],
      seq: Number.isNaN(seq) ? undefined : seq,
      time: Math.abs(chunk.times[index]),
      stamped: chunk.times[index] > 0,
      body: chunk.body(index),
    };
  }

  /** The event as JSON. A million of them are written, so that their texts are not parsed where they need not be. */
  line(place) {
    const row = this.at(place);
    if (!row) return undefined;
    if (/"(?:type|timestamp)":/.test(row.body)) return JSON.stringify(this.message(place));
    const { type, body, seq } = row;
    const parts = [`"type":${JSON.stringify(type)}`];
    if (body !== '{}') parts.push(body.slice(1, -1));
    if (row.stamped) parts.push(`"timestamp":"${new Date(row.time).toISOString()}"`);
    if (seq !== undefined) parts.push(`"seq":${seq}`);
    return `{${parts.join()}}`;
  }

  /** The event as it came. */
  message(place) {
    const row = this.at(place);
    if (!row) return undefined;
    const { payload, ...rest } = JSON.parse(row.body);
    const message = { type: row.type, payload, timestamp: undefined, ...rest };
    if (message.timestamp === undefined && row.stamped) {
      message.timestamp = new Date(row.time).toISOString();
    }
    if (row.seq !== undefined) message.seq = row.seq;
    for (const name of ['payload', 'timestamp']) {
      if (message[name] === undefined) delete message[name];
    }
    return message;
  }
}

/** The text of an event without what stands beside it. */
function bodyOf(rest) {
  try {
    return JSON.stringify(rest);
  } catch {
    // Nested deeper than the engine can write, although it could read it.
    return JSON.stringify({ payload: TOO_DEEP });
  }
}

/** Whether a time in milliseconds gives the text again. */
function same(time, text) {
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}
