// Chromium for the pages of the documents.
'use strict';

const { tool } = require('../needs.cjs');

/** Opens a page for as long as `work` takes. @param {(page: import('playwright-core').Page) => Promise<unknown>} work */
async function withPage(work) {
  const { chromium } = require('playwright-core');
  const browser = await chromium.launch({
    executablePath: tool('chromium'),
    args: ['--no-sandbox'],
  });
  try {
    return await work(await browser.newPage());
  } finally {
    await browser.close();
  }
}

/** Resolves when the page's text has `text`. @param {import('playwright-core').Page} page @param {string} text */
const until = (page, text) =>
  page.waitForFunction((text) => document.body.innerText.includes(text), text);

/** Opens an address and waits for a text. @param {string} url @param {string} text */
const shows = (url, text) =>
  withPage(async (page) => {
    await page.goto(url);
    await until(page, text);
  });

module.exports = { shows, until, withPage };
