// The inspector of a listener in this process, in a window of its own.
//
//   const tabs = Tabs.forTests();                              a browser for the tests of this group
//   const tab = await tabs.open(listener, { view: '3' });      closed after the test
'use strict';

const { tokenOf } = require('../channel/client.cjs');
const { launch } = require('../chromium.cjs');
const { Complaints, Front, connect, harm, isWide, newPage, violations } = require('./page.cjs');

class Tab {
  page;
  /** The commands that the page has sent. @type {any[]} */
  asked = [];
  /** Every text that it was sent, over the socket and as answers. @type {string[]} */
  heard = [];
  /** Errors of the page, which `close` wants to be none. */
  complaints = new Complaints();
  #context;
  #front;

  /** @param {any} browser @param {any} listener @param {{view?: string, window?: object}} [options] `view` is its key */
  static async open(browser, listener, { view, window } = {}) {
    const tab = new Tab();
    tab.#context = await browser.newContext({ viewport: { width: 1200, height: 700 }, ...window });
    tab.page = await newPage(tab.#context, tab.complaints);
    const { page, heard } = tab;
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
    tab.#front = await Front.start();
    tab.#front.lead(listener.port);
    await connect(page, tab.#front.origin, tokenOf(listener));
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

  /** What the view says of an action. @param {string} text */
  async said(text) {
    await this.page.locator('.said', { hasText: text }).waitFor();
  }

  /** @param {string} name */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  isWide() {
    return isWide(this.page);
  }

  harm() {
    return harm(this.page);
  }

  async close() {
    const broken = await violations(this.page);
    await this.#context.close();
    await this.#front.close();
    expect(broken).toEqual([]);
    expect(this.complaints.own()).toEqual([]);
  }
}

/** A browser, and the tab of a test. */
class Tabs {
  #browser;
  /** @type {Tab | undefined} */
  #open;

  static forTests() {
    const tabs = new Tabs();
    beforeAll(async () => {
      tabs.#browser = await launch();
    });
    afterAll(() => tabs.#browser.close());
    afterEach(async () => {
      const open = tabs.#open;
      tabs.#open = undefined;
      await open?.close();
    });
    return tabs;
  }

  /** @param {any} listener @param {any} [options] of `Tab.open` */
  async open(listener, options) {
    return (this.#open = await Tab.open(this.#browser, listener, options));
  }
}

/** Would run if it were ever taken for HTML. */
const HOSTILE =
  '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=2</script>\u202e';

module.exports = { HOSTILE, Tabs };
