// The inspector in a page of Chromium, before an application with a listener in a process of its own.
//
//   const inspector = Inspector.forTests(flags);      a browser for the tests of this group
//   await inspector.begin({ width: 360 });            an application and a page, for each test
//   await inspector.open();                           connects with the token in the address
//   await inspector.restart();                        another run of the application at the same address
//   await inspector.end();                            gives what the page must not do: break its policy, throw, say errors
'use strict';

const { generateToken } = require('../../..');
const { launch } = require('../chromium.cjs');
const { Application } = require('./application.cjs');
const { Complaints, Front, connect, newPage, violations } = require('./page.cjs');

class Inspector {
  /** Another one for each application. */
  token;
  application;
  context;
  page;
  browser;
  /** Of the page, so far. */
  complaints = new Complaints();
  #front;
  #options;

  /** Is there between the hooks of the group that calls it. @param {string[]} [flags] @param {{cuts?: boolean}} [front] */
  static forTests(flags, front) {
    const inspector = new Inspector();
    beforeAll(async () => {
      inspector.browser = await launch(flags);
      inspector.#front = await Front.start(front);
    });
    afterAll(() => inspector.#stop());
    return inspector;
  }

  /** Has the page's next connections go to another port, if it was started so. @param {number} port */
  lead(port) {
    this.#front.lead(port);
  }

  /** Breaks the page's connections, if it was started so. */
  cut() {
    this.complaints.losesConnection();
    this.#front.cut();
  }

  async #stop() {
    await this.browser.close();
    await this.#front.close();
  }

  get origin() {
    return this.#front.origin;
  }

  /** @param {{width?: number, height?: number, application?: any}} [options] others are of the browser's context */
  async begin({ width = 1200, height = 700, application = {}, ...others } = {}) {
    this.#options = { inspector: true, ...application };
    this.token = generateToken();
    this.complaints = new Complaints();
    await this.#run(0);
    this.context = await this.browser.newContext({ viewport: { width, height }, ...others });
    this.page = await this.newPage();
  }

  /** One more page of the same browser. */
  newPage() {
    return newPage(this.context, this.complaints);
  }

  open(page = this.page) {
    return connect(page, this.origin, this.token);
  }

  /** The application ends, and begins again after `meanwhile`, with nothing of the first run. */
  async restart(meanwhile = async () => {}) {
    this.complaints.losesConnection();
    const { port } = this.application;
    await this.application.stop();
    await meanwhile();
    await this.#run(port);
  }

  async #run(port) {
    this.application = await Application.start(this.token, { port, ...this.#options });
    this.#front.lead(this.application.port);
  }

  async end() {
    const broken = await violations(this.page);
    await this.context.close();
    await this.application.stop();
    return [...this.complaints.own(), ...broken];
  }
}

module.exports = { Inspector };
