// The three clients that run the sandbox's snippets: `ws`, Node's own WebSocket and Chromium.
'use strict';

const path = require('node:path');
const { tool } = require('../needs.cjs');
const { run } = require('../process/program.cjs');
const { HOST, tabOf } = require('./tab.cjs');

/** What every program has around the snippet: one way to print, the page's variables, and the adapter of its listeners. */
const around = (code) => `(async () => {
  const print = globalThis.console.log.bind(globalThis.console);
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  const console = { log: (...all) => print(all.map(text).join(' ')), error: (...all) => print('ERROR', ...all) };
  const process = {
    env: { SANDBOX_TOKEN: 'YOUR_TOKEN' },
    stdout: { write: (output) => print('OUT ' + JSON.stringify(output)) },
  };
  const adapted = (socket) => ({
    on: (name, f) => socket.addEventListener(name, name === 'message' ? ({ data }) => f(JSON.parse(data)) : f),
    send: (data) => socket.send(data),
    close: () => socket.close(),
    get readyState() { return socket.readyState; },
  });
  const opened = (socket) => new Promise((resolve) => socket.addEventListener('open', resolve));
  const dial = () => new WebSocket('wss://${HOST}:55872?token=YOUR_TOKEN');
  ${code}
})();`;

/** Each runs a program against a port and gives its lines. It trusts this certificate. */
const CLIENTS = {
  ws: {
    needs: ['openssl'],
    run: (code, port, cert) =>
      node(process.execPath, `const WebSocket = require('ws');\n${code}`, port, cert),
  },
  "Node's own WebSocket": {
    needs: ['openssl', 'node22'],
    run: (code, port, cert) => node(tool('node22'), code, port, cert),
  },
  Chromium: { needs: ['openssl', 'chromium'], run: page },
};

function node(program, code, port, cert) {
  const args = ['--require', path.join(__dirname, 'host.cjs'), '-e', code];
  const env = { ...process.env, LOOPWIRE_PAGE_PORT: port, NODE_EXTRA_CA_CERTS: cert };
  const child = run(program, args, { env });
  return { lines: child, end: () => child.process.kill('SIGKILL') };
}

async function page(code, port) {
  const { lines, tab, end } = await tabOf((_, answer) => answer.end('<!doctype html>'), port);
  await tab.addScriptTag({ content: code });
  return { lines, end };
}

module.exports = { CLIENTS, around };
