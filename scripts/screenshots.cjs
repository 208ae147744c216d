// Takes pictures of the inspector, of each view, with an application that does something.
//
//   node scripts/screenshots.cjs FOLDER
//
// They are NAME-light.png, NAME-dark.png and NAME-narrow.png (360 pixels wide), for people to look at: no test compares them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');

const LOOKS = [
  ['light', { colorScheme: 'light', width: 1200, height: 760 }],
  ['dark', { colorScheme: 'dark', width: 1200, height: 760 }],
  ['narrow', { colorScheme: 'light', width: 360, height: 760 }],
];
/** Until a plot and a sparkline have something in them. */
const WARM_UP_MS = 6000;
const NAMES = ['app:click', 'app:route', 'build:done', 'cache:miss', 'job:progress'];

/**
 * Publishes as an application does: some all the time, more now and then.
 *
 * @param {any} application
 * @param {AbortSignal} signal
 */
async function busy(application, signal) {
  for (let n = 0; !signal.aborted; n += 1) {
    const burst = 3 + Math.round(20 * Math.abs(Math.sin(n / 9)));
    await application.emit(
      ...Array.from({ length: burst }, (_, index) => [
        NAMES[(n * 7 + index * index) % NAMES.length],
        { id: n * 100 + index, path: `/projects/${n % 9}`, ms: (n * 13 + index * 7) % 120 },
      ]),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {string[]} args */
async function main([folder]) {
  if (!folder) throw new lib.Problem('Say into which folder: node scripts/screenshots.cjs FOLDER');
  fs.mkdirSync(folder, { recursive: true });
  const { Inspector } = require(path.join(lib.root, '__test__/support/inspector/inspector.cjs'));
  const inspector = await Inspector.start();
  for (const [name, look] of LOOKS) {
    await inspector.begin(look);
    const { page, application } = inspector;
    const shot = (/** @type {string} */ view) =>
      page.screenshot({ path: path.join(folder, `${view}-${name}.png`) });
    await page.goto(`${inspector.origin}/inspect`);
    await shot('token');
    await inspector.open();
    await shot('empty');
    const stop = new AbortController();
    const flow = busy(application, stop.signal);
    await page.waitForTimeout(WARM_UP_MS);
    for (const view of await page.getByRole('navigation').getByRole('button').all()) {
      await view.click();
      await page.waitForTimeout(1500);
      await shot((await view.innerText()).toLowerCase());
    }
    await page.getByRole('button', { name: 'Events' }).click();
    await page.locator('.row').nth(5).click();
    await page.getByRole('tree').waitFor();
    await shot('details');
    await page.getByRole('button', { name: 'Help' }).click();
    await shot('help');
    stop.abort();
    await flow;
    await inspector.end();
  }
  await inspector.stop();
  console.log(`${fs.readdirSync(folder).length} pictures are in ${folder}.`);
}

lib.cli(() => main(process.argv.slice(2)));
