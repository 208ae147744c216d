// The inspector's page in Chromium, before a listener in a process of its own.
'use strict';

const fs = require('node:fs');
const { generateToken } = require('../..');
const { launch } = require('../support/chromium.cjs');
const { Application } = require('../support/inspector/application.cjs');
const { InspectorServer } = require('../support/inspector/server.cjs');
const { needs } = require('../support/needs.cjs');

/** How long thousands of events a second flow; 30 for the full size. */
const FLOW_SECONDS = Number(process.env.LOOPWIRE_INSPECTOR_SECONDS ?? 4);
/** How many events the page holds when its memory is measured; 1000000 for the full size. */
const BEHIND = Number(process.env.LOOPWIRE_INSPECTOR_EVENTS ?? 20_000);
const PER_SECOND = 5000;
/** What no task may exceed at the full size. Beside other tests the machine itself makes a page wait. */
const LONGEST_MS = process.env.LOOPWIRE_INSPECTOR_SECONDS ? 50 : Infinity;
const LONG = 60_000 + FLOW_SECONDS * 1000 + BEHIND;

needs('chromium').describe('the inspector', () => {
  const token = generateToken();
  let browser;
  let server;
  let application;
  let context;
  let page;
  /** What the page must not do: break its policy, throw, or say errors. */
  let complaints;

  beforeAll(async () => {
    server = await InspectorServer.start();
    browser = await launch(['--enable-precise-memory-info', '--js-flags=--expose-gc']);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  beforeEach(async () => {
    application = await Application.start(token);
    server.target = application.port;
    complaints = [];
    context = await browser.newContext({ viewport: { width: 1200, height: 700 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: server.origin,
    });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.stack));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
      );
    });
  });

  afterEach(async () => {
    const violations = await page.evaluate(() => globalThis.violations);
    await context.close();
    await application.stop();
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
  });

  const open = async () => {
    await page.goto(`${server.origin}/inspect#token=${token}`);
    await page.locator('.state-open').waitFor();
  };
  const rows = () => page.locator('.row:not([hidden]) .text').allTextContents();
  const count = (text) => page.locator('.count', { hasText: text }).waitFor();

  test('connects with the token of the fragment, which leaves the address and the history', async () => {
    await application.emit(['my:event', 'before the page']);
    await open();
    expect(page.url()).toBe(`${server.origin}/inspect`);
    expect(
      await page.evaluate(() =>
        [
          history.length,
          document.body.innerHTML,
          Object.values({ ...localStorage, ...sessionStorage }),
        ].join(),
      ),
    ).not.toContain(token);
    await page.keyboard.press('2');
    await count('1 events');
    expect(await rows()).toEqual(['before the page']);
    await page.keyboard.press('1');
    await page.locator('.tag', { hasText: 'this page' }).waitFor();
    expect(
      await page.locator('.figure', { hasText: 'Published' }).locator('.value').textContent(),
    ).toBe('1');
  });

  test('asks for a token, says that it is wrong, and takes the right one', async () => {
    await page.goto(`${server.origin}/inspect`);
    await page.getByLabel('Token').fill('not a token!');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'a token' }).waitFor();
    await page.getByLabel('Token').fill('a-wrong-token');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'refuses this token' }).waitFor();
    // The browser itself says each refused request.
    expect(complaints.splice(0).join()).toContain('401');
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.locator('.state-open').waitFor();
  });

  test('asks for the new token after a rotation, and misses nothing', async () => {
    await application.emit(['my:event', 'one']);
    await open();
    const next = generateToken();
    await application.rotate(next);
    await page.getByRole('alert').filter({ hasText: 'was replaced' }).waitFor();
    await application.emit(['my:event', 'two']);
    await page.getByLabel('Token').fill(next);
    await page.keyboard.press('Enter');
    await page.locator('.state-open').waitFor();
    await page.keyboard.press('2');
    await count('2 events');
    expect(await rows()).toEqual(['one', 'two']);
    // The browser itself says each refused request; the view may have asked for its figures with the old token.
    expect(complaints.splice(0).filter((line) => !line.includes('401'))).toEqual([]);
  });

  test('filters by text and by type', async () => {
    await open();
    await application.emit(
      ['a:one', 'first needle'],
      ['b:two', { deep: 'NEEDLE' }],
      ['a:one', 'nothing'],
    );
    await page.keyboard.press('2');
    await count('3 events');
    await page.keyboard.press('/');
    await page.locator('#filter:focus').waitFor();
    await page.keyboard.type('needle');
    await count('2 of 3 events');
    expect(await rows()).toEqual(['first needle', '{"deep":"NEEDLE"}']);
    await page.getByLabel('Filter by type').selectOption('b:two');
    await count('1 of 3 events');
    await application.emit(['b:two', 'a later needle'], ['b:two', 'not this']);
    await count('2 of 5 events');
    await page.getByLabel('Filter by text').fill('nobody says this');
    await page.getByText('No event matches the filter.').waitFor();
    await page.getByRole('button', { name: 'Show all events' }).click();
    await count('5 events');
  });

  test('stands still while it is paused, and loses nothing', async () => {
    await open();
    await page.keyboard.press('2');
    await application.emit(['my:event', 'one']);
    await count('1 events');
    await page.keyboard.press('p');
    await application.emit(['my:event', 'two'], ['my:event', 'three']);
    const goOn = page.getByRole('button', { name: 'Go on (2 new)' });
    await goOn.waitFor();
    expect(await rows()).toEqual(['one']);
    await goOn.click();
    await count('3 events');
    expect(await rows()).toEqual(['one', 'two', 'three']);
  });

  test('shows an event as a tree, copies it and exports what is shown', async () => {
    // Not for all tests: what is not granted is then denied, the local network, too.
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open();
    await page.keyboard.press('2');
    await application.emit(['a', { list: [1, { deep: true }], text: 'ü' }], ['b', 'text']);
    await count('2 events');
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    const details = page.getByRole('complementary');
    await details
      .getByRole('treeitem', { name: /text: "ü"/ })
      .last()
      .waitFor();
    const list = details.getByRole('treeitem', { name: /list/ }).last();
    expect(await list.getAttribute('aria-expanded')).toBe('true');
    await list.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await details.getByText('deep: true').waitFor();
    await details.getByRole('button', { name: 'Copy as JSON' }).click();
    await details.getByText('Copied').waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    expect(copied).toMatchObject({
      type: 'a',
      data: { list: [1, { deep: true }], text: 'ü' },
      seq: 1,
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const lines = fs
      .readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      copied,
      { type: 'b', payload: 'text', seq: 2 },
    ]);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  test('shows hostile strings as text, everywhere', async () => {
    await open();
    const hostile =
      '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=2</script>\u202e';
    await application.emit(
      [hostile.slice(0, 60), hostile],
      ['my:event', { [hostile]: hostile, __proto__x: '"' }],
    );
    await page.getByText(hostile.slice(0, 60)).first().waitFor();
    await page.keyboard.press('2');
    await count('2 events');
    expect(await rows()).toEqual([hostile, expect.stringContaining('<img src=x onerror=')]);
    for (const key of ['Home', 'End']) {
      await page.getByRole('grid').focus();
      await page.keyboard.press(key);
      await page.getByRole('complementary').getByText('<img src=x').first().waitFor();
    }
    expect(
      await page.evaluate(() => [
        globalThis.broken,
        document.images.length,
        document.scripts.length,
      ]),
    ).toEqual([undefined, 0, 1]);
  });

  test('says why it waits, comes back to another run of the application, and shows the gap', async () => {
    await application.emit(['my:event', 'in the first run']);
    await open();
    await page.keyboard.press('2');
    await count('1 events');
    await application.stop();
    await page.locator('.state-waiting').waitFor();
    await page.locator('.notice', { hasText: /Attempt \d+ begins/ }).waitFor();
    application = await Application.start(token);
    server.target = application.port;
    await application.emit(['my:event', 'in the second run']);
    // The button is gone if the next attempt has begun by itself.
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 2000 })
      .catch(() => {});
    await page.locator('.state-open').waitFor();
    await count('3 events');
    expect(await rows()).toEqual([
      'in the first run',
      'the application was started anew: everything behind number 1 of the former run is gone',
      'in the second run',
    ]);
    await page.keyboard.press('1');
    await page.locator('.figure', { hasText: 'Gaps' }).getByText('started anew').waitFor();
    // The browser itself says each failed connection.
    expect(
      complaints.splice(0).filter((line) => !/WebSocket|ERR_|Failed to load/.test(line)),
    ).toEqual([]);
  });

  test('fits into a narrow window, and its keys are listed', async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    await application.emit(['my:event', { text: 'long '.repeat(200) }]);
    await open();
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await sideways()).toBe(false);
    await page.keyboard.press('2');
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.getByRole('complementary').waitFor();
    expect(await sideways()).toBe(false);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    await page.locator('html[data-theme=dark]').waitFor();
  });

  test(
    `stays smooth at ${PER_SECOND} events a second`,
    async () => {
      await open();
      await page.keyboard.press('2');
      await application.emit(['my:event', 'one']);
      await count('1 events');
      await page.evaluate(() => {
        globalThis.tasks = [];
        globalThis.frames = 0;
        new PerformanceObserver((list) =>
          globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
        ).observe({ type: 'longtask' });
        const frame = () => {
          globalThis.frames += 1;
          requestAnimationFrame(frame);
        };
        frame();
      });
      const sent = await application.stream(PER_SECOND, FLOW_SECONDS * 1000);
      await count(`${(sent + 1).toLocaleString('en')} events`);
      const { tasks, frames } = await page.evaluate(() => ({
        tasks: globalThis.tasks,
        frames: globalThis.frames,
      }));
      console.log(
        `${sent} events in ${FLOW_SECONDS} s: ${frames} frames, long tasks (ms): ${tasks.join(' ') || 'none'}`,
      );
      expect(tasks.filter((ms) => ms > LONGEST_MS)).toEqual([]);
    },
    LONG,
  );

  test(
    `holds ${BEHIND} events in at most 200 MB, and filters them`,
    async () => {
      await open();
      await page.keyboard.press('2');
      await application.fill(BEHIND);
      await page
        .locator('.count', { hasText: `${BEHIND.toLocaleString('en')} events` })
        .waitFor({ timeout: LONG });
      const used = await page.evaluate(() => {
        globalThis.gc();
        return performance.memory.usedJSHeapSize;
      });
      const begun = Date.now();
      await page.getByLabel('Filter by text').fill('"n":12345,');
      await page.locator('.count', { hasText: /^1 of [\d,]+ events$/ }).waitFor();
      console.log(
        `${BEHIND} events: ${(used / 1e6).toFixed(1)} MB, found in ${Date.now() - begun} ms`,
      );
      expect(used).toBeLessThanOrEqual(200e6);
      expect(await rows()).toEqual([expect.stringContaining('"n":12345,')]);
      await page.getByLabel('Filter by text').fill('');
      await page.getByRole('grid').focus();
      await page.keyboard.press('Home');
      await page.locator('.row:not([hidden]) .seq').first().filter({ hasText: /^1$/ }).waitFor();
      await page.keyboard.press('End');
      await page
        .locator('.row:not([hidden]) .seq', { hasText: BEHIND.toLocaleString('en') })
        .waitFor();
    },
    LONG,
  );
});
