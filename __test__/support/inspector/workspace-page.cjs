// The inspector's page at a workspace of its own, in a directory of its own.
//
//   const opened = await WorkspacePage.open(inspector, { git: false });   an `Inspector` that was started
//   await opened.tab('Changes');
//   …
//   await opened.close();   gives what the page must not do: break its policy, throw, or say errors
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('ws');
const { SandboxClient } = require('../../../client/index.cjs');
const { harm, isWide } = require('./page.cjs');

/** Would run if it were ever taken for HTML. There is no slash in it, so that a file can have this name. */
const HOSTILE = '<img src=x onerror=globalThis.broken=1>';

class WorkspacePage {
  page;
  /** The root of the workspace. */
  root;
  #directory;
  #inspector;
  #sandbox;

  /** @param {any} inspector @param {any} [workspace] options of `openWorkspace`, or `null` for none */
  static async open(inspector, workspace = {}) {
    const opened = new WorkspacePage();
    opened.#directory = fs.realpathSync(
      fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-inspected-')),
    );
    opened.root = path.join(opened.#directory, 'project');
    fs.mkdirSync(opened.root);
    const snapshotDir = path.join(opened.#directory, 'snapshots');
    opened.#inspector = inspector;
    await inspector.begin({
      application: {
        workspace: workspace && {
          root: opened.root,
          snapshotDir,
          gitProtocols: ['file', 'git'],
          env: { PS1: '$ ', HISTFILE: '' },
          shell: ['/bin/bash', '--norc', '-c'],
          ...workspace,
        },
      },
      colorScheme: 'light',
    });
    const page = (opened.page = inspector.page);
    await inspector.context.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: inspector.origin,
    });
    await inspector.open();
    await page.keyboard.press('4');
    await page.getByRole('tab', { name: 'Terminals' }).waitFor();
    return opened;
  }

  get token() {
    return this.#inspector.token;
  }

  get port() {
    return this.#inspector.application.port;
  }

  /** Another client of the same workspace, to be closed with the page. */
  get sandbox() {
    const { port, token } = this;
    const baseURL = `http://127.0.0.1:${port}`;
    this.#sandbox ??= new SandboxClient({ baseURL, token, WebSocket });
    return this.#sandbox;
  }

  /** Publishes events of the application. */
  emit(...events) {
    return this.#inspector.application.emit(...events);
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
    return this.#inspector.context.pages().length;
  }

  harm() {
    return harm(this.page);
  }

  isWide() {
    return isWide(this.page);
  }

  async close() {
    await this.#sandbox?.close();
    const complaints = await this.#inspector.end();
    fs.rmSync(this.#directory, { recursive: true, force: true });
    return complaints;
  }
}

module.exports = { HOSTILE, WorkspacePage };
