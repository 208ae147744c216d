// Chromium: a page that fetches everything a web server has and opens a WebSocket.
'use strict';

const { launch } = require('../../chromium.cjs');
const { ETAG } = require('../web.cjs');

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

/** One browser for a whole file; each visit has a context, and with it connections, of its own. */
function launched() {
  browser ??= launch();
  return browser;
}

/** Has the browser end with the file that asks for this. */
function closing() {
  afterAll(async () => (await browser)?.close());
}

/** Runs in the page. @param {string} etag */
async function inPage(etag) {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- a page has what this function brings
  const ask = (/** @type {string} */ url, /** @type {any} */ options) =>
    fetch(url, { cache: 'no-store', ...options });
  const body = await (await ask('/download')).arrayBuffer();
  const bytes = [...new Uint8Array(await crypto.subtle.digest('SHA-256', body))];
  const head = await ask('/head', { method: 'HEAD' });
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/socket`);
  socket.addEventListener('open', () => socket.send('hi'));
  const said = await new Promise((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => resolve(data));
    socket.addEventListener('error', () => reject(new Error('no WebSocket')));
  });
  socket.close();
  return {
    small: await (await ask('/small')).text(),
    download: bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    chunked: await (await ask('/chunked')).text(),
    head: `${head.status} ${head.headers.get('content-length')}`,
    cached: (await ask('/cached', { headers: { 'if-none-match': etag } })).status,
    upload: await (await ask('/upload', { method: 'POST', body })).text(),
    socket: said,
  };
}

/** @param {string} scheme */
function way(scheme) {
  const through = async (port, url, work) => {
    const proxy = { server: `${scheme}127.0.0.1:${port}`, bypass: '<-loopback>' };
    const context = await (await launched()).newContext({ proxy });
    try {
      const page = await context.newPage();
      await page.goto(url);
      return await work(page);
    } finally {
      await context.close();
    }
  };
  return {
    talks: true,
    visit: (port, base) => through(port, `${base}/small`, (page) => page.evaluate(inPage, ETAG)),
    turns: (port, [first, ...rest]) =>
      through(port, first, async (page) => {
        for (const url of rest) {
          await page.evaluate(async (url) => (await fetch(url, { cache: 'no-store' })).text(), url);
        }
      }),
  };
}

const chromium = {
  name: 'Chromium',
  tools: ['chromium'],
  ways: { 'http://': way('http://'), 'socks5://': way('socks5://') },
};

module.exports = { chromium, closing };
