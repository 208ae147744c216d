// Takes pictures of the inspector, of each view, with an application that does something.
//
//   node scripts/screenshots.cjs FOLDER
//   LOOPWIRE_INSPECTOR_BUILT=1 node scripts/screenshots.cjs FOLDER    of the built files, without a new native core
//
// They are NAME-light.png, NAME-dark.png and NAME-narrow.png (360 pixels wide), for people to look at: no test compares them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('./lib.cjs');

/** @type {[string, {colorScheme: 'light' | 'dark', viewport: {width: number, height: number}}][]} */
const LOOKS = [
  ['light', { colorScheme: 'light', viewport: { width: 1200, height: 760 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1200, height: 760 } }],
  ['narrow', { colorScheme: 'light', viewport: { width: 360, height: 760 } }],
];
/** Until the plots have something in them. */
const WARM_UP_MS = 25_000;
/** Until a view has its first answers, which it asks for every two seconds. */
const SETTLE_MS = 2500;

/**
 * Each view as it is used.
 *
 * @param {any} page
 * @param {{change(): void}} application
 * @param {(name: string) => Promise<void>} shot
 */
async function views(page, application, shot) {
  const view = (/** @type {string} */ name) =>
    page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  const settle = () => page.waitForTimeout(SETTLE_MS);
  for (const name of ['Overview', 'Ports', 'Connections', 'Events']) {
    await view(name);
    await settle();
    await shot(name.toLowerCase());
  }
  await page.locator('.row').nth(5).click();
  await page.getByRole('tree').waitFor();
  await shot('details');
  await view('Workspace');
  await page.getByLabel('Command').fill('bash --norc');
  await page.keyboard.press('Enter');
  await page.locator('.xterm-helper-textarea').waitFor({ state: 'attached' });
  await settle();
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('ls -l --color=always\ngit --no-pager log --oneline\n');
  await settle();
  await shot('terminals');
  await page.keyboard.press('F6');
  await page.getByRole('tab', { name: 'Changes' }).click();
  await page.getByRole('button', { name: 'Watch' }).click();
  await settle();
  application.change();
  await settle();
  await shot('changes');
  await page.getByRole('tab', { name: 'Snapshots' }).click();
  await page.getByRole('button', { name: 'Take a snapshot' }).click();
  await settle();
  await shot('snapshots');
  await page.getByRole('tab', { name: 'Git' }).click();
  await page.getByRole('button', { name: 'Status' }).click();
  await settle();
  await shot('git');
  await page.getByRole('button', { name: 'Help' }).click();
  await shot('help');
}

/** @param {string[]} args */
async function main([folder]) {
  if (!folder) throw new lib.Problem('Say into which folder: node scripts/screenshots.cjs FOLDER');
  fs.mkdirSync(folder, { recursive: true });
  const { launch } = require(path.join(lib.root, '__test__/support/chromium.cjs'));
  const { Application } = require('./screenshots/application.cjs');
  const { Front } = require(path.join(lib.root, '__test__/support/inspector/page.cjs'));
  const application = await Application.start();
  const front = await Front.start();
  front.lead(application.listener.port);
  const address = `${front.origin}/inspect`;
  const browser = await launch();
  try {
    for (const [look, options] of LOOKS) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const shot = async (/** @type {string} */ name) => {
        await page.screenshot({ path: path.join(folder, `${name}-${look}.png`) });
      };
      await page.goto(address);
      await shot('token');
      await page.goto(address + application.fragment);
      await page.locator('.state-open').waitFor();
      await page.waitForTimeout(WARM_UP_MS);
      if (look === 'light') await application.lose();
      await views(page, application, shot);
      await context.close();
    }
  } finally {
    await browser.close();
    await front.close();
    await application.stop();
  }
  console.log(`${fs.readdirSync(folder).length} pictures are in ${folder}.`);
}

lib.cli(() => main(process.argv.slice(2)));
