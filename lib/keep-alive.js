// A keep-alive: holds the event loop open for something that runs natively.
'use strict';

// Taken at load: a test that installs fake timers later must not change who keeps the process alive.
const { clearInterval, setInterval } = require('node:timers');

// The longest interval there is; it exists only to keep the event loop alive.
const FOREVER_MS = 2 ** 31 - 1;

class KeepAlive {
  #timer = setInterval(() => {}, FOREVER_MS);

  ref() {
    this.#timer.ref();
  }

  unref() {
    this.#timer.unref();
  }

  end() {
    clearInterval(this.#timer);
  }
}

module.exports = { KeepAlive };
