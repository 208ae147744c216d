// A terminal in JavaScript: its output is pulled, so that a command pauses for a slow reader.
'use strict';

const { checkBytes } = require('./idioms/bytes.js');
const { closeAtDispose } = require('./idioms/dispose.js');
const { own } = require('./native.js');
const { onAbort, signalOf, throwIfAborted, unlessAborted } = require('./signal.js');

class Terminal {
  #native;
  #exit;

  constructor(native, signal) {
    this.#native = native;
    if (signal === undefined) return;
    const off = onAbort(signal, () => native.end());
    this.exit.then(off, off);
  }

  get id() {
    return this.#native.id;
  }

  get pid() {
    return this.#native.pid;
  }

  write(data, options) {
    const bytes = checkBytes(data, 'data');
    if (options === undefined) return this.#native.write(bytes);
    return this.#writeUnless(signalOf(options, 'write'), bytes);
  }

  // Only the wait ends: what was taken stands in one order with what is written behind it.
  async #writeUnless(signal, bytes) {
    throwIfAborted(signal);
    return unlessAborted(signal, this.#native.write(bytes));
  }

  resize(cols, rows) {
    this.#native.resize(cols, rows);
  }

  signal(name) {
    this.#native.signal(name);
  }

  eof() {
    this.#native.eof();
  }

  get output() {
    return bytesOf(this.chunks);
  }

  get chunks() {
    return chunksOf(this.#native);
  }

  get exit() {
    this.#exit ??= this.#native.exit();
    return this.#exit;
  }

  async close() {
    this.#native.end();
    // Rejects only if everything was shut down meanwhile, and the command with it.
    await this.exit.catch(() => {});
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const { id, pid } = this;
    return `Terminal ${inspect({ id, pid }, options)}`;
  }
}

async function* chunksOf(native) {
  try {
    for (;;) {
      const chunk = await native.read();
      if (chunk === null || chunk === undefined) return;
      yield chunk;
    }
  } catch (error) {
    throw own(error);
  } finally {
    // After the loop was left the command must not wait for it.
    native.stopReading();
  }
}

async function* bytesOf(chunks) {
  for await (const { data } of chunks) yield data;
}

closeAtDispose(Terminal);

module.exports = { Terminal };
