// A listener's inspector in a window of its own.
//
// With LOOPWIRE_INSPECTOR_BUILT the built files are served before the listener: then a changed page needs no new native core.
'use strict';

const { tokenOf } = require('../channel/client.cjs');
const { InspectorServer } = require('./server.cjs');

/** Below the thirty seconds of a test, so that the error says what did not happen. */
const WAIT_MS = 20_000;

class Tab {
  page;
  /** The commands that the page has sent. @type {any[]} */
  asked = [];
  /** Every text that it was sent, over the socket and as answers. @type {string[]} */
  heard = [];
  /** Errors of the page, which `close` wants to be none. @type {string[]} */
  complaints = [];
  #context;
  #server;

  /** @param {any} browser @param {any} listener @param {{view?: string, window?: object}} [options] `view` is its key */
  static async open(browser, listener, { view, window } = {}) {
    const tab = new Tab();
    tab.#context = await browser.newContext({ viewport: { width: 1200, height: 700 }, ...window });
    tab.page = await tab.#context.newPage();
    const { page, complaints, heard } = tab;
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => complaints.push(error.stack));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('response', (answer) =>
      answer.text().then(
        (text) => heard.push(text),
        () => {},
      ),
    );
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => tab.asked.push(JSON.parse(payload)));
      socket.on('framereceived', ({ payload }) => heard.push(String(payload)));
    });
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    let origin = `http://127.0.0.1:${listener.port}`;
    if (process.env.LOOPWIRE_INSPECTOR_BUILT) {
      tab.#server = await InspectorServer.start();
      tab.#server.target = listener.port;
      ({ origin } = tab.#server);
    }
    await page.goto(`${origin}/inspect#token=${tokenOf(listener)}`);
    await page.locator('.state-open').waitFor();
    if (view) await page.keyboard.press(view);
    return tab;
  }

  /** A row of the view's table. @param {string} name of the port, or of the connection */
  row(name) {
    return this.page.locator(`[data-row="${name}"]`);
  }

  /** The visible text of a cell. @param {string} row @param {string} column */
  cell(row, column) {
    return this.row(row).locator(`[data-name="${column}"]`);
  }

  /** What has the focus: its name for a screen reader, or its text. */
  focused() {
    return this.page.evaluate(() => {
      const { activeElement: element } = document;
      return element.getAttribute('aria-label') ?? element.textContent;
    });
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** As a browser does when the window is put away, or shown again. @param {boolean} hidden */
  async hide(hidden) {
    await this.page.evaluate((now) => {
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => (now ? 'hidden' : 'visible'),
      });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }

  /** Whether something is beside the window, or beside the view. */
  sideways() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('html, main, .action-card')].some(
        ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
      ),
    );
  }

  /** What a hostile string may have done. */
  broken() {
    return this.page.evaluate(() => [
      globalThis.broken,
      document.images.length,
      document.scripts.length,
    ]);
  }

  async close() {
    const violations = await this.page.evaluate(() => globalThis.violations);
    await this.#context.close();
    await this.#server?.close();
    expect(violations).toEqual([]);
    expect(this.complaints).toEqual([]);
  }
}

/** Would run if it were ever taken for HTML. */
const HOSTILE =
  '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=2</script>\u202e';

module.exports = { HOSTILE, Tab };
