// The inspector as people use it who do not see it, or not well, or have no mouse: axe in every view and state, and what axe cannot
// know.
'use strict';

const fs = require('node:fs');
const { Inspector } = require('../support/inspector/inspector.cjs');
const { needs } = require('../support/needs.cjs');

/** What axe-core looks for: all of WCAG 2.2 at level AA, and its own good practice. */
const AXE = { resultTypes: ['violations'] };

/** Each look of the page is checked in each state. */
const LOOKS = [
  ['light', 1200],
  ['dark', 1200],
  ['light', 360],
  ['dark', 360],
];
const LONG = 120_000;

needs('chromium').describe('the inspector, for everybody', () => {
  const inspector = Inspector.forTests();
  let application;
  let page;
  const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

  const begin = async (options) => {
    await inspector.begin(options);
    ({ application, page } = inspector);
  };
  afterEach(async () => expect(await inspector.end()).toEqual([]));

  /** What axe finds, each as a line. */
  const found = async (where) => {
    // The page's policy forbids scripts of others, and the debugger is not asked.
    if (await page.evaluate(() => globalThis.axe === undefined)) await page.evaluate(axe);
    const { violations } = await page.evaluate((options) => globalThis.axe.run(options), AXE);
    return violations.map(
      ({ id, impact, nodes }) =>
        `${where}: ${impact} ${id} ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
    );
  };
  const views = () => page.getByRole('navigation', { name: 'Views' }).getByRole('button');

  describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
    test(
      'axe finds nothing in any view, dialog or notice',
      async () => {
        await begin({ width, colorScheme });
        await page.goto(`${inspector.origin}/inspect`);
        const all = await found('token form');
        await page.getByLabel('Token').fill('a-wrong-token');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').filter({ hasText: 'refuses' }).waitFor();
        all.push(...(await found('refused token')));
        inspector.complaints.splice(0);
        await inspector.open();
        for (const state of ['empty', 'events']) {
          for (const view of await views().all()) {
            await view.click();
            await page.waitForTimeout(300);
            all.push(...(await found(`${await view.textContent()}, ${state}`)));
          }
          await application.emit(
            ...Array.from({ length: 60 }, (_, n) => [`my:${n % 9}`, { n, deep: { list: [n] } }]),
          );
        }
        await page.keyboard.press('2');
        await page.getByRole('grid').focus();
        await page.keyboard.press('Home');
        await page.getByRole('complementary').waitFor();
        all.push(...(await found('details')));
        await page.keyboard.press('p');
        await page.getByLabel('Filter by text').fill('nobody says this');
        await page.getByText('No event matches the filter.').waitFor();
        all.push(...(await found('paused, nothing matches')));
        await page.getByRole('button', { name: 'Help' }).click();
        await page.getByRole('dialog').waitFor();
        all.push(...(await found('help')));
        await page.keyboard.press('Escape');
        await inspector.restart(async () => {
          await page.locator('.state-waiting').waitFor();
          for (const view of await views().all()) {
            await view.click();
            all.push(...(await found(`${await view.textContent()}, waiting`)));
          }
        });
        await page.locator('.state-open').waitFor();
        expect(all).toEqual([]);
      },
      LONG,
    );
  });

  test('the list is a grid that says how many rows and columns it has, and where one is', async () => {
    await begin();
    await application.fill(300);
    await inspector.open();
    await page.keyboard.press('2');
    await page.locator('.count', { hasText: '300 events' }).waitFor();
    const grid = page.getByRole('grid', { name: 'Events, oldest first' });
    expect(await grid.getByRole('columnheader').allTextContents()).toEqual([
      'Number',
      'Time',
      'Type',
      'Event',
    ]);
    // With the names of the columns.
    expect(await grid.getAttribute('aria-rowcount')).toBe('301');
    await grid.focus();
    await page.keyboard.press('End');
    const active = page.locator(`#${await grid.getAttribute('aria-activedescendant')}`);
    expect(await active.getAttribute('aria-rowindex')).toBe('301');
    expect(await active.getAttribute('aria-selected')).toBe('true');
  });

  test('the focus is never lost: details, dialog, filter and views give it on', async () => {
    await begin();
    await application.emit(['a', { b: 1 }]);
    await inspector.open();
    const focused = () =>
      page.evaluate(() => document.activeElement.getAttribute('role') ?? document.activeElement.id);
    await page.keyboard.press('2');
    await page.locator('.row').first().click();
    await page.getByRole('button', { name: 'Close the details' }).click();
    expect(await focused()).toBe('grid');
    await page.keyboard.press('Home');
    await page.getByRole('tree').focus();
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('grid');
    await page.keyboard.press('/');
    await page.keyboard.type('b');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('grid');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('grid');
    await page.keyboard.press('1');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.locator('main:focus').waitFor();
  });

  test('what changes with each event is not announced, and a filter once', async () => {
    await begin();
    await inspector.open();
    await page.keyboard.press('2');
    await page.evaluate(() => {
      globalThis.said = [];
      for (const one of document.querySelectorAll('[role=status], [role=alert], [aria-live]'))
        new MutationObserver(() => globalThis.said.push(one.textContent)).observe(one, {
          childList: true,
          characterData: true,
          subtree: true,
        });
    });
    await application.fill(1000);
    await page.locator('.count', { hasText: '1,000 events' }).waitFor();
    expect(await page.evaluate(() => globalThis.said.filter(Boolean))).toEqual([]);
    await page.getByLabel('Filter by text').pressSequentially('"n":12');
    await page.getByRole('status').filter({ hasText: '11 events match' }).waitFor();
    expect((await page.evaluate(() => globalThis.said)).at(-1)).toBe('11 events match');
  });

  test('it can be used enlarged, with wide text, and with the colours of the system', async () => {
    // A window of 1200 by 700, enlarged to 200 %.
    await begin({ width: 600, height: 350, forcedColors: 'active', reducedMotion: 'reduce' });
    await application.fill(100);
    await inspector.open();
    await page.evaluate(() => {
      // The policy forbids a style element, and not a sheet that is made.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
      );
      document.adoptedStyleSheets = [sheet];
    });
    for (const view of await page.getByRole('navigation').getByRole('button').all()) {
      await view.click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(
        false,
      );
    }
    await page.keyboard.press('2');
    await page.locator('.row').first().waitFor();
    expect((await page.locator('.scroller').boundingBox()).height).toBeGreaterThan(100);
    const moving = await page
      .locator('button, .row')
      .evaluateAll((all) => all.filter((one) => getComputedStyle(one).transitionDuration !== '0s'));
    expect(moving).toEqual([]);
  });
});
