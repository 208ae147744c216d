// The inspector in a page of Chromium, before an application with a listener in a process of its own.
//
//   const inspector = await Inspector.start(flags);   a browser, once
//   await inspector.begin({ width: 360 });            an application and a page, for each test
//   await inspector.open();                           connects with the token in the address
//   await inspector.restart();                        another run of the application at the same address
//   await inspector.end();                            gives what the page must not do: break its policy, throw, say errors
//
// The page is the listener's own. While one works on it, LOOPWIRE_INSPECTOR_FILES=1 takes the built files instead, so that the
// core need not be built anew.
'use strict';

const { generateToken } = require('../../..');
const { launch } = require('../chromium.cjs');
const { Application } = require('./application.cjs');
const { InspectorServer } = require('./server.cjs');

const OF_FILES = process.env.LOOPWIRE_INSPECTOR_FILES === '1';

class Inspector {
  /** Another one for each application. */
  token;
  application;
  context;
  page;
  browser;
  /** Of the page, so far. */
  complaints = [];
  #server;
  #options;

  /** @param {string[]} [flags] */
  static async start(flags) {
    const inspector = new Inspector();
    inspector.browser = await launch(flags);
    if (OF_FILES) inspector.#server = await InspectorServer.start();
    return inspector;
  }

  async stop() {
    await this.browser.close();
    await this.#server?.close();
  }

  get origin() {
    return this.#server?.origin ?? `http://127.0.0.1:${this.application.port}`;
  }

  /** @param {{width?: number, height?: number, application?: any}} [options] others are of the browser's context */
  async begin({ width = 1200, height = 700, application = {}, ...others } = {}) {
    this.#options = { inspector: true, ...application };
    this.token = generateToken();
    this.complaints = [];
    await this.#run(0);
    this.context = await this.browser.newContext({ viewport: { width, height }, ...others });
    this.page = await this.newPage();
  }

  /** One more page of the same browser. */
  async newPage() {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.stack));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    return page;
  }

  async open(page = this.page) {
    await page.goto(`${this.origin}/inspect#token=${this.token}`);
    await page.locator('.state-open').waitFor();
  }

  /** The application ends, and begins again after `meanwhile`, with nothing of the first run. */
  async restart(meanwhile = async () => {}) {
    const { port } = this.application;
    await this.application.stop();
    await meanwhile();
    await this.#run(port);
  }

  async #run(port) {
    this.application = await Application.start(this.token, { port, ...this.#options });
    if (this.#server) this.#server.target = this.application.port;
  }

  async end() {
    const violations = await this.page.evaluate(() => globalThis.violations);
    await this.context.close();
    await this.application.stop();
    return [...this.complaints, ...violations];
  }
}

module.exports = { Inspector };
