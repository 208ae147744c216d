// The inspector with events that nobody would send who wishes it well, and at moments that do not suit it.
'use strict';

const fs = require('node:fs');
const { generateToken } = require('../..');
const { Inspector } = require('../support/inspector/inspector.cjs');
const { needs } = require('../support/needs.cjs');

const LONG = 90_000;
const nested = (levels) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);

needs('chromium').describe('the inspector', () => {
  const inspector = Inspector.forTests();
  let application;
  let page;

  beforeEach(async () => {
    await inspector.begin();
    ({ application, page } = inspector);
    await inspector.open();
    await page.keyboard.press('2');
  });
  afterEach(async () => expect(await inspector.end()).toEqual([]));

  const rows = (cell = 'text', of = page) =>
    of.locator(`.row:not([hidden]) .${cell}`).allTextContents();
  const count = (text, of = page) => of.locator('.count', { hasText: text }).waitFor();
  const tree = () => page.getByRole('tree', { name: 'The event' });
  const newest = async () => {
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await tree().waitFor();
  };

  test('shows types that are names of JavaScript or of the protocol as any other', async () => {
    const types = ['__proto__', 'constructor', 'toString', 'message', 'event', 'statechange'];
    types.push('text', 'binary', 'open', '(other types)');
    await application.emit(
      ...types.map((type) => [type, { __proto__: null, reason: 'constructor', from: 'a', to: {} }]),
    );
    await count(`${types.length} events`);
    expect(await rows('type')).toEqual(types);
    for (const type of types) {
      await page.getByLabel('Filter by type').selectOption(type);
      await count(`1 of ${types.length} events`);
      expect(await rows('type')).toEqual([type]);
    }
    await page.keyboard.press('1');
    await page.locator('.figure', { hasText: 'Gaps' }).getByText('nothing is missing').waitFor();
    await page.locator('.bars').getByText('__proto__').waitFor();
  });

  test('shows what is no proper text as it is written in JSON, and isolates what turns text around', async () => {
    await application.emit(
      ['lone:\ud800', { lone: '\udfff', nul: 'a\u0000b', turned: '\u202egnp.exe\u2066' }],
      ['turned:\u202e', '\u202egnp.exe'],
      ['newline\n', 'one\ntwo\r\u2028three'],
    );
    await count('3 events');
    const styles = await page
      .locator('.row:not([hidden]) span')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).unicodeBidi));
    expect(new Set(styles)).toEqual(new Set(['isolate']));
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await tree()
      .getByRole('treeitem', { name: /nul: "a\\u0000b"/ })
      .waitFor();
    const heights = await page
      .locator('.row:not([hidden])')
      .evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(heights).toEqual([26, 26, 26]);
  });

  test('looks for what was typed, which is no pattern', async () => {
    await application.emit(['a', 'a.b*c+(d)[e]{f}^$|?'], ['a', 'axbbc'], ['a', 'back\\slash "q"']);
    await count('3 events');
    const filter = page.getByLabel('Filter by text');
    for (const [typed, found] of [
      ['a.b*c+(d)[e]{f}^$|?', 1],
      ['.*', 0],
      ['A.B', 1],
      ['back\\slash', 1],
      ['slash "q"', 1],
      ['[', 1],
    ]) {
      await filter.fill(typed);
      await count(new RegExp(`^${found} of 3 events$`));
    }
  });

  test(
    'offers a bounded number of types, and finds the others by text',
    async () => {
      for (let from = 0; from < 10_000; from += 500) {
        await application.emit(
          ...Array.from({ length: 500 }, (_, n) => [
            `type:${from + n + 1}`,
            `number ${from + n + 1}`,
          ]),
        );
        await count(`${(from + 500).toLocaleString('en')} events`);
      }
      await page.locator('#type option:disabled').waitFor({ state: 'attached' });
      expect(await page.locator('#type option').count()).toBeLessThan(310);
      await page.getByLabel('Filter by text').fill('type:9999');
      await count('1 of 10,000 events');
      expect((await rows()).join()).toContain('type:9999');
    },
    LONG,
  );

  test('shows an event of a megabyte, cut until it is asked for', async () => {
    await application.emit(['big', { text: 'x'.repeat(900_000), list: Array(20_000).fill(7) }]);
    await count('1 event');
    expect((await rows())[0].length).toBeLessThan(500);
    await newest();
    expect((await tree().textContent()).length).toBeLessThan(10_000);
    await tree()
      .getByRole('button', { name: /^all 900,002/ })
      .click();
    expect((await tree().textContent()).length).toBeGreaterThan(900_000);
    await tree().getByRole('button', { name: '19,900 more' }).click();
    await tree().getByRole('button', { name: '18,900 more' }).waitFor();
  });

  test('opens what is nested deep, and keeps what follows it', async () => {
    await application.emit(['deep', { list: nested(100) }], ['after', 'it']);
    await count('2 events');
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await tree().waitFor();
    await page.evaluate(async () => {
      for (let closed; (closed = document.querySelector('.branch[aria-expanded=false]'));) {
        closed.click();
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await tree().getByRole('treeitem', { name: '0: 1' }).waitFor();
    const deepest = tree().getByRole('treeitem', { name: '0: 1' });
    await deepest.scrollIntoViewIfNeeded();
    const { width, height } = await deepest.boundingBox();
    expect([width > 80, height < 30]).toEqual([true, true]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(
      false,
    );
  });

  test('exports as it is shown, and can stop that', async () => {
    await application.fill(30_000);
    await count('30,000 events');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'Cancel the export' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).waitFor();
    await page.getByLabel('Filter by text').fill('"n":12');
    await count(/^1,111 of 30,000 events$/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const lines = fs
      .readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(1111);
    expect(lines.every((line) => String(JSON.parse(line).data.n).startsWith('12'))).toBe(true);
  });

  test('stays paused and filtered when its token is replaced, and after another run', async () => {
    await application.emit(['a', 'needle one'], ['a', 'hay']);
    await page.getByLabel('Filter by text').fill('needle');
    await count('1 of 2 events');
    await page.keyboard.press('Enter');
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    const next = generateToken();
    await application.rotate(next);
    await page.getByLabel('Token').fill(next);
    await application.emit(['a', 'needle two']);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Go on' }).filter({ hasText: '(1 new)' }).waitFor();
    expect(await rows()).toEqual(['needle one']);
    await page.keyboard.press('p');
    await count('2 of 3 events');
    inspector.token = next;
    await inspector.restart(() => page.locator('.state-waiting').waitFor());
    await inspector.application.emit(['a', 'hay'], ['a', 'needle three']);
    await page.locator('.state-open').waitFor();
    await count('4 of 6 events');
    // What is missing may have matched.
    expect(await rows()).toEqual([
      'needle one',
      'needle two',
      expect.stringMatching(/^the application was started anew/),
      'needle three',
    ]);
    // The browser itself says that the former token was refused.
    inspector.complaints.splice(0);
  });

  test('goes to the former view by Back, stays in its view by a reload, and asks for the token then', async () => {
    await page.keyboard.press('1');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    expect(await page.title()).toBe('Events – Loopwire inspector');
    await page.reload();
    await page.getByLabel('Token').fill(inspector.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    expect(page.url()).toBe(`${inspector.origin}/inspect`);
  });

  test('two pages see the same, and one that was frozen catches up', async () => {
    const other = await inspector.newPage();
    await inspector.open(other);
    await other.keyboard.press('2');
    const session = await inspector.context.newCDPSession(other);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await application.fill(3000);
    await application.emit(['last', 'one']);
    await count('3,001 events');
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await count('3,001 events', other);
    expect((await rows('text', other)).at(-1)).toBe('one');
    await other.close();
  });
});
