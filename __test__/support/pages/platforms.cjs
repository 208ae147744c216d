// The platforms that run the snippets of the sandbox's page for its client. Each trusts the certificate and reaches the page's host at
// a port of this machine.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { tool } = require('../needs.cjs');
const { run } = require('../process/program.cjs');
const { HOST, tabOf } = require('./tab.cjs');

const root = path.resolve(__dirname, '..', '..', '..');
const CLIENT = '/client/index.js';
/** What a page may load. */
const SERVED = /^\/client\/([\w-]+\/)*[\w-]+\.js$/;

/** The program with its import of another package changed to the client. */
const withClient = (code, specifier) => code.replace(/'@[\w/-]+'/, `'${specifier}'`);

/** Writes the program into the folder; its path. */
function written(code, folder) {
  const main = path.join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  fs.writeFileSync(main, withClient(code, pathToFileURL(path.join(root, CLIENT))));
  return main;
}

const ended = (child) => ({ lines: child, end: () => child.process.kill('SIGKILL') });

/** By its name and certificate, over TLS. @param {Parameters<typeof tool>[0]} name */
const node = (name) => ({
  needs: [name],
  run: (code, { port, cert, folder }) => {
    const preload = ['host.cjs', 'websocket.cjs'].flatMap((file) => [
      '--require',
      path.join(__dirname, file),
    ]);
    const env = { ...process.env, LOOPWIRE_PAGE_PORT: port, NODE_EXTRA_CA_CERTS: cert };
    return ended(run(tool(name), [...preload, written(code, folder)], { env }));
  },
});

/**
 * Where a program cannot be told another address for a name: its `WebSocket` and `fetch` change the URL of the page's host, and
 * speak without TLS.
 *
 * @param {Parameters<typeof tool>[0]} name @param {string[]} args
 */
const mapped = (name, args) => ({
  needs: [name],
  run: (code, { plainPort, folder }) => {
    const before = `const mapped = (url) => String(url)
  .replace(/^(ws|http)s:\\/\\/${HOST}:55872/, '$1://127.0.0.1:${plainPort}');
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(mapped(url), protocols);
  }
};
const { fetch } = globalThis;
globalThis.fetch = (url, init) => fetch(mapped(url), init);`;
    fs.writeFileSync(path.join(folder, 'before.mjs'), before);
    const main = written(`import './before.mjs';\n${code}`, folder);
    return ended(run(tool(name), [...args, main]));
  },
});

const page = (code, { port }) =>
  tabOf((request, response) => {
    if (SERVED.test(request.url)) {
      response.setHeader('content-type', 'text/javascript');
      fs.createReadStream(path.join(root, request.url)).pipe(response);
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><script type="module">${withClient(code, CLIENT)}</script>`);
  }, port);

const PLATFORMS = {
  'Node 20': node('node20'),
  'Node 22': node('node22'),
  'Node 24': node('node24'),
  'Node 26': node('node26'),
  Bun: mapped('bun', []),
  Deno: mapped('deno', [
    'run',
    '--quiet',
    '--no-config',
    '--no-lock',
    '--allow-net',
    '--allow-read',
  ]),
  Chromium: { needs: ['chromium'], run: page },
};

module.exports = { PLATFORMS };
