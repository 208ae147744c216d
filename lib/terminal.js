// A terminal in JavaScript: its output is pulled, so that a command pauses for a slow reader.
'use strict';

const { own } = require('./native.js');

class Terminal {
  #native;
  #exit;

  constructor(native) {
    this.#native = native;
  }

  get id() {
    return this.#native.id;
  }

  get pid() {
    return this.#native.pid;
  }

  write(data) {
    return this.#native.write(data);
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

module.exports = { Terminal };
