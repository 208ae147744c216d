// The blocks for Electron and for pages. Electron itself cannot be had here: its main process is Node with a stand-in of
// the module `electron`, which does what the block relies on; its pages are Chromium's.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const loopwire = require('../../..');
const { until, withPage } = require('./browser.cjs');

/** Where a page of the stand-in comes from. */
const STAND_IN = `
const WebSocket = require('ws');
const schemes = new Set();
const handlers = new Map();
class BrowserWindow {
  webContents = {
    // IPC copies what it is given: a whole batch would show here.
    send: (channel, message) => {
      const copy = structuredClone(message);
      console.log(channel, typeof copy, copy);
    },
  };
  on() {}
  async loadURL(url) {
    const { protocol, host } = new URL(url);
    if (!schemes.has(protocol)) throw new Error('no scheme ' + protocol);
    const page = await (await handlers.get(protocol)({ url })).text();
    if (!page.includes('<pre>')) throw new Error('no page');
    require('loopwire').emit('my:tick', { origin: protocol + '//' + host });
  }
}
module.exports = {
  app: { whenReady: async () => {} },
  BrowserWindow,
  net: { fetch: async (url) => new Response(require('node:fs').readFileSync(new URL(url))) },
  protocol: {
    registerSchemesAsPrivileged: (list) => list.forEach(({ scheme }) => schemes.add(scheme + ':')),
    handle: (scheme, handler) => handlers.set(scheme + ':', handler),
  },
};
`;

/** A main process, or a preload script, which the next block's page uses. */
async function check(run, name, notes) {
  if ('electron preload' in notes) return;
  const folder = path.join(run.folder, 'node_modules', 'electron');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'index.js'), STAND_IN);
  fs.writeFileSync(path.join(run.folder, 'index.html'), '<pre></pre>');
  const program = run.start(process.execPath, name);
  const wanted = `event string {"type":"${notes['electron shows']}"`;
  await run.until(program, (said) => said.includes(wanted), wanted);
}

/** Runs in the page, before its own scripts: what a preload script has of Electron. */
function bridge(/** @type {string} */ preload) {
  const listeners = {};
  const module = {
    contextBridge: { exposeInMainWorld: (name, value) => (window[name] = value) },
    ipcRenderer: { on: (channel, listener) => (listeners[channel] = listener) },
  };
  // oxlint-disable-next-line no-implied-eval, no-new-func -- the document's own text
  new Function('require', preload)(() => module);
  window.fromMain = (channel, message) => listeners[channel]({}, message);
}

/** A page that gets events over IPC. */
async function checkPage(run, file) {
  const preload = fs.readFileSync(path.join(run.folder, 'preload.js'), 'utf8');
  const html = fs.readFileSync(path.join(run.folder, file), 'utf8');
  await withPage(async (page) => {
    await page.addInitScript(bridge, preload);
    await page.route('http://app.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: html }),
    );
    await page.goto('http://app.test/');
    await page.evaluate(() => window.fromMain('event', '{"type":"my:tick"}'));
    await until(page, 'my:tick');
  });
}

/** A page that connects by itself, as its Content-Security-Policy allows and no further. */
async function checkConnecting(run, file) {
  const html = fs.readFileSync(path.join(run.folder, file), 'utf8');
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  const token = loopwire.generateToken();
  const { port } = loopwire.startEventListener(0, token, () => {});
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await withPage(async (page) => {
      await page.goto(`http://127.0.0.1:${server.address().port}/#port=${port}&token=${token}`);
      await until(page, '"hello"');
      loopwire.emit('my:tick');
      await until(page, 'my:tick');
      const elsewhere = await page.evaluate(
        ([url, token]) =>
          new Promise((resolve) => {
            document.addEventListener('securitypolicyviolation', (event) => {
              resolve(event.effectiveDirective);
            });
            const socket = new WebSocket(url, ['loopwire.v1', `bearer.${token}`]);
            socket.addEventListener('open', () => resolve('open'));
          }),
        [`ws://localhost:${port}/ws`, token],
      );
      if (elsewhere !== 'connect-src') throw new Error(`the policy did not hold: ${elsewhere}`);
    });
  } finally {
    server.close();
    await loopwire.shutdown();
  }
}

module.exports = { check, checkConnecting, checkPage };
