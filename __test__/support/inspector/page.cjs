// What every page of the inspector in a test has: where it comes from, what it must not do, and what hostile text would do to it.
//
// The page is the listener's own. While one works on it, LOOPWIRE_INSPECTOR_BUILT=1 serves the built files before the listener, so
// that the native core need not be built anew.
'use strict';

const { InspectorServer } = require('./server.cjs');

/** Below the thirty seconds of a test, so that the error says what did not happen. */
const WAIT_MS = 20_000;

/** Where the page of a listener is. */
class Front {
  #port;
  #server;

  /** @param {{cuts?: boolean}} [options] with `cuts`, connections can be broken: then there is a server between in any case */
  static async start({ cuts = false } = {}) {
    const front = new Front();
    if (cuts || process.env.LOOPWIRE_INSPECTOR_BUILT) front.#server = await InspectorServer.start();
    return front;
  }

  /** @param {number} port the listener's */
  lead(port) {
    this.#port = port;
    if (this.#server) this.#server.target = port;
  }

  get origin() {
    return this.#server?.origin ?? `http://127.0.0.1:${this.#port}`;
  }

  /** Breaks all connections that are open. */
  cut() {
    this.#server.cut();
  }

  async close() {
    await this.#server?.close();
  }
}

/**
 * What a browser says of a connection that its page does not get, as often as the page tries, and until it is closed: that it
 * failed, and how the listener answers when the page asks why (client/connection/probe.js).
 */
const NO_CONNECTION =
  /net::ERR_|^WebSocket connection to|^Failed to load resource: the server responded with a status of (401|426)/;

/** Errors of a page, as text. */
class Complaints extends Array {
  /** What is taken out of it is a plain list. */
  static get [Symbol.species]() {
    return Array;
  }

  #loses = false;

  /** The page is about to lose its connection: what the browser says of that is no error of the page. */
  losesConnection() {
    this.#loses = true;
  }

  /** Those that are errors of the page. @returns {string[]} */
  own() {
    return this.filter((text) => !(this.#loses && NO_CONNECTION.test(text)));
  }
}

/** A page whose errors become `complaints`. @param {any} context @param {Complaints} complaints */
async function newPage(context, complaints) {
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.on('pageerror', (error) => complaints.push(error.stack));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener('securitypolicyviolation', (event) =>
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return page;
}

/** In what it has broken its policy. */
const violations = (page) => page.evaluate(() => globalThis.violations);

async function connect(page, origin, token) {
  await page.goto(`${origin}/inspect#token=${token}`);
  await page.locator('.state-open').waitFor();
}

/** What a hostile string may have done. */
const harm = (page) =>
  page.evaluate(() => [globalThis.broken, document.images.length, document.scripts.length]);

/** What `harm` gives where nothing was done: the page has one script. */
const HARMLESS = [undefined, 0, 1];

/** Whether something is beside the window, or beside the view. */
const isWide = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('html, main, .action-card')].some(
      ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
    ),
  );

module.exports = { Complaints, Front, HARMLESS, connect, harm, isWide, newPage, violations };
