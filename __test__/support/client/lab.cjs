// A listener, its application, a workspace and a proxy that cuts connections, steered over HTTP: for tests of the client that run in
// another process or in a browser. The same HTTP server has the client's modules, so that a page can load them.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { Cutter } = require('./cutter.cjs');
const { until } = require('../until.cjs');

const root = path.resolve(__dirname, '..', '..', '..');
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html' };
/** What a page may load. */
const SERVED = /^\/(client|__test__\/client\/everywhere)\/([\w-]+\/)*[\w-]+\.m?js$/;

class Lab {
  /** What the application has got, in order. */
  messages = [];
  #loopwire;
  #cutter;
  #http;
  #listener;
  #token;
  #root;
  #workspace;

  /** @param {any} loopwire */
  static async start(loopwire) {
    const lab = new Lab();
    lab.#loopwire = loopwire;
    lab.#token = loopwire.generateToken();
    lab.#http = http.createServer((request, response) => lab.#answer(request, response));
    await once(lab.#http.listen(0, '127.0.0.1'), 'listening');
    lab.#cutter = await Cutter.before(0);
    lab.#root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-lab-'));
    lab.#workspace = loopwire.openWorkspace(lab.#root, { shell: ['/bin/sh', '-c'] });
    lab.#listen();
    return lab;
  }

  /** Where a page is, and where the other end of `steer` is. */
  get origin() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  async close() {
    await this.#cutter.close();
    await this.#listener.close();
    await this.#workspace.close();
    fs.rmSync(this.#root, { recursive: true });
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #listen() {
    const listener = this.#loopwire.startEventListener(0, this.#token, () => {}, {
      // Clients name the port of the cutter.
      allowedHosts: [`127.0.0.1:${this.#cutter.port}`],
      onMessage: (data, isBinary, { id }) => {
        if (isBinary) listener.send(id, data);
        else this.messages.push(data.toString());
      },
    });
    this.#listener = listener;
    this.#cutter.redirect(listener.port);
  }

  /** What the tests may order. */
  #orders = {
    where: () => ({
      url: `ws://127.0.0.1:${this.#cutter.port}`,
      token: this.#token,
      cuts: this.#cutter.cuts,
    }),
    // A client that was closed may be connected here for a moment.
    alone: () => until(() => this.#listener.stats().connections === 0, 'no connection'),
    emit: ({ type, from = 0, count }) => {
      for (let at = from; at < from + count; at += 1) this.#loopwire.emit(type, { at });
    },
    // A message is acknowledged when it waits for the application, which is a moment before the application has it.
    messages: async ({ of, count = 0 }) => {
      const found = () => this.messages.filter((text) => text.includes(of));
      await until(() => found().length >= count, `${count} messages`);
      return found();
    },
    cut: () => this.#cutter.cut(),
    cutAfter: ({ bytes }) => this.#cutter.cutAfter(bytes),
    cutAfterSent: ({ bytes }) => this.#cutter.cutAfterSent(bytes),
    cutBothWays: ({ times, bytes }) => {
      this.#cutter.cutBothWays(times, bytes);
      return { cuts: this.#cutter.cuts };
    },
    refuse: ({ on }) => {
      this.#cutter.refusing = on;
    },
    disconnect: ({ id }) => this.#listener.disconnect(id),
    restart: async () => {
      await this.#listener.close();
      this.#listen();
    },
  };

  async #answer(request, response) {
    if (request.method === 'POST') {
      let text = '';
      for await (const piece of request.setEncoding('utf8')) text += piece;
      const { order, ...details } = JSON.parse(text);
      const result = await this.#orders[order](details);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result ?? null));
      return;
    }
    const file = request.url === '/' ? '/__test__/client/everywhere/page.html' : request.url;
    const allowed = request.url === '/' || SERVED.test(request.url);
    if (!allowed) return void response.writeHead(404).end();
    response.setHeader('content-type', TYPES[path.extname(file)]);
    fs.createReadStream(path.join(root, file)).pipe(response);
  }
}

module.exports = { Lab };
