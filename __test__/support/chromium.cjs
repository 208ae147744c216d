// Chromium, without its own traffic.
'use strict';

const { tool } = require('./needs.cjs');

/**
 * Starts the Chromium of this machine. It connects to nothing by itself.
 *
 * @param {string[]} [flags]
 */
function launch(flags = []) {
  const { chromium } = require('playwright-core');
  return chromium.launch({
    executablePath: tool('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags,
    ],
  });
}

module.exports = { launch };
