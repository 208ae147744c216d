// The inspector's page at a workspace of its own, in a directory of its own.
//
//   const opened = await WorkspacePage.open(browser, server, { git: false });
//   await opened.tab('Changes');
//   …
//   await opened.close();   gives what the page must not do: break its policy, throw, or say errors
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('ws');
const loopwire = require('../../..');
const { SandboxClient } = require('../../../client/index.cjs');
const { Application } = require('./application.cjs');

/** So a test that waits in vain says for what. */
const PATIENCE_MS = 15_000;

/** How a name of a file, a title or a line of output would look that wants to be markup. */
const HOSTILE = '<img src=x onerror=globalThis.broken=1>';

class WorkspacePage {
  page;
  /** The root of the workspace. */
  root;
  #directory;
  #context;
  #application;
  #complaints = [];
  #sandbox;

  /** @param {any} browser @param {any} server @param {any} [workspace] options of `openWorkspace`, or `null` for none */
  static async open(browser, server, workspace = {}) {
    const opened = new WorkspacePage();
    opened.#directory = fs.realpathSync(
      fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-inspected-')),
    );
    opened.root = path.join(opened.#directory, 'project');
    fs.mkdirSync(opened.root);
    const snapshotDir = path.join(opened.#directory, 'snapshots');
    const token = loopwire.generateToken();
    opened.#application = await Application.start(token, {
      workspace: workspace && {
        root: opened.root,
        snapshotDir,
        gitProtocols: ['file', 'git'],
        env: { PS1: '$ ', HISTFILE: '' },
        shell: ['/bin/bash', '--norc', '-c'],
        ...workspace,
      },
    });
    server.target = opened.#application.port;
    opened.#context = await browser.newContext({
      viewport: { width: 1200, height: 700 },
      colorScheme: 'light',
    });
    await opened.#context.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: server.origin,
    });
    await opened.#load(server, token);
    const { port } = opened.#application;
    opened.token = token;
    opened.#sandbox = () =>
      new SandboxClient({ baseURL: `http://127.0.0.1:${port}`, token, WebSocket });
    return opened;
  }

  async #load(server, token) {
    const page = (this.page = await this.#context.newPage());
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.#complaints.push(error.stack));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#complaints.push(message.text());
    });
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    await page.goto(`${server.origin}/inspect#token=${token}`);
    await page.locator('.state-open').waitFor();
    await page.keyboard.press('4');
    await page.getByRole('tab', { name: 'Terminals' }).waitFor();
  }

  get port() {
    return this.#application.port;
  }

  /** Another client of the same workspace, to be closed with the page. */
  get sandbox() {
    if (typeof this.#sandbox === 'function') this.#sandbox = this.#sandbox();
    return this.#sandbox;
  }

  /** Publishes events of the application. */
  emit(...events) {
    return this.#application.emit(...events);
  }

  /** @param {string} file @param {string} text */
  write(file, text) {
    fs.writeFileSync(path.join(this.root, file), text);
  }

  tab(name) {
    return this.page.getByRole('tab', { name }).click();
  }

  /** The page's windows: none may open another one. */
  get windows() {
    return this.#context.pages().length;
  }

  /** What a hostile string may have done. */
  harm() {
    return this.page.evaluate(() => [
      globalThis.broken,
      document.images.length,
      document.scripts.length,
      document.title,
    ]);
  }

  /** Whether it is wider than its window. */
  isWide() {
    return this.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  }

  async close() {
    const violations = await this.page.evaluate(() => globalThis.violations);
    if (typeof this.#sandbox === 'object') await this.#sandbox.close();
    await this.#context.close();
    await this.#application.stop();
    fs.rmSync(this.#directory, { recursive: true, force: true });
    return [...violations, ...this.#complaints];
  }
}

/** What `harm` gives where nothing was done: one script of the page. */
const HARMLESS = [undefined, 0, 1, 'Workspace – Loopwire inspector'];

module.exports = { HARMLESS, HOSTILE, WorkspacePage };
