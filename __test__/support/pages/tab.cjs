// A page of a local server in Chromium: that is an origin which every listener admits.
'use strict';

const http = require('node:http');
const { once } = require('node:events');
const { launch } = require('../chromium.cjs');
const { Inbox } = require('../inbox.cjs');

/** The host of the sandbox's page; programs reach a port of this machine under its name. */
const HOST = 'sandbox.oblien.com';

/**
 * Opens the page that `answer` gives; `lines` is what it logs, up to an exception that it does not catch.
 *
 * @param {http.RequestListener} answer
 * @param {number} port where `HOST` leads to
 */
async function tabOf(answer, port) {
  const site = http.createServer(answer);
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const browser = await launch([
    '--ignore-certificate-errors',
    `--host-resolver-rules=MAP ${HOST}:55872 127.0.0.1:${port}`,
  ]);
  const lines = new Inbox();
  const tab = await browser.newPage();
  // The browser's own complaints are of other types.
  tab.on('console', (message) => message.type() === 'log' && lines.push(message.text()));
  tab.on('pageerror', (error) => lines.end(String(error.stack)));
  await tab.goto(`http://127.0.0.1:${site.address().port}/`);
  return {
    lines,
    tab,
    end: async () => {
      await browser.close();
      site.closeAllConnections();
      site.close();
    },
  };
}

module.exports = { HOST, tabOf };
