// The main process's side of the utility process: starts it, starts it again when it crashes, and ends it.
'use strict';

const path = require('node:path');
const { utilityProcess } = require('electron');
const { generateToken } = require('loopwire');

/** One that fails at each start must not keep a core busy. */
const PAUSE_MS = 1_000;

/** One that was asked to end and blocks is killed. */
const END_MS = 2_000;

class Utility {
  #token = generateToken();
  #port = 0;
  #child;
  #isEnding = false;
  #hasStarted;
  #started = new Promise((resolve) => (this.#hasStarted = resolve));

  constructor() {
    this.#start();
  }

  #start() {
    const child = utilityProcess.fork(path.join(__dirname, 'utility.js'));
    this.#child = child;
    // By a message: other programs can read a process's arguments. Token and port are the same each time, so that the
    // clients of the page connect again by themselves.
    child.postMessage({ token: this.#token, port: this.#port });
    child.on('message', ({ port }) => {
      this.#port = port;
      this.#hasStarted();
    });
    child.once('exit', () => {
      this.#child = undefined;
      if (!this.#isEnding) setTimeout(() => this.#isEnding || this.#start(), PAUSE_MS);
    });
  }

  /** Where its listener is; the promise resolves when it has started. */
  async connection() {
    await this.#started;
    return { url: `ws://127.0.0.1:${this.#port}`, token: this.#token };
  }

  /** Asks it to close its listener and to end. */
  async end() {
    this.#isEnding = true;
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const timer = setTimeout(() => child.kill(), END_MS);
    child.postMessage({ end: true });
    await ended;
    clearTimeout(timer);
  }
}

module.exports = { Utility };
