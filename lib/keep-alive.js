// A keep-alive: keeps the event loop running for something native.
'use strict';

const { builtin } = require('./loader/builtin.js');
// Taken at load: fake timers that a test installs later must not change what keeps the process alive.
const { clearInterval, setInterval } = builtin('node:timers');

// The longest interval; the timer only keeps the event loop running.
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
