// What applications make of the client, in pages of Chromium: an xterm.js terminal, and a React hook.
'use strict';

const http = require('node:http');
const path = require('node:path');
const { once } = require('node:events');
const loopwire = require('../..');
const { listeners, tokenOf } = require('../support/channel/client.cjs');
const { launch } = require('../support/chromium.cjs');
const { Cutter } = require('../support/client/cutter.cjs');
const { cutRandomly } = require('../support/client/cuts.cjs');
const { place } = require('../support/git/place.cjs');
const { needs, tool } = require('../support/needs.cjs');
const { seeded } = require('../support/random.cjs');
const { until } = require('../support/until.cjs');
const { pictureOf } = require('../support/workspace/screen.cjs');
const { Viewer } = require('../support/workspace/viewer.cjs');

const root = path.resolve(__dirname, '..', '..');
const start = listeners(loopwire);
const LONG = 60_000;

const open = [];
afterEach(async () => {
  for (const end of open.splice(0).toReversed()) await end();
});

/** A page with one of the programs in pages/, bundled as an application is. */
async function show(program) {
  const { build } = require('esbuild');
  const result = await build({
    entryPoints: [path.join(__dirname, 'pages', program)],
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: { 'loopwire/client': path.join(root, 'client', 'index.js') },
    nodePaths: [tool('pages')],
  });
  const [{ text }] = result.outputFiles;
  const site = http.createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? text : '<main></main><script type="module" src="page.js"></script>');
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const browser = await launch();
  open.push(async () => {
    await browser.close();
    site.closeAllConnections();
    site.close();
  });
  const page = await browser.newPage({ viewport: { width: 2000, height: 1000 } });
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (one) => one.type() === 'error' && page.problems.push(one.text()));
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.waitForFunction(() => window.start);
  return page;
}

needs('chromium', 'pages', 'xterm', 'vim').test(
  'a real xterm.js in a page looks as one that saw everything, and sends keys and the mouse',
  seeded(async (random) => {
    const { root: folder, env } = place();
    const shell = ['/bin/sh', '-c'];
    const workspace = loopwire.openWorkspace(folder, { env, shell, watch: 'onDemand' });
    open.push(() => workspace.close());
    const cutter = await Cutter.before(0);
    open.push(() => cutter.close());
    const listener = start({ allowedHosts: [`127.0.0.1:${cutter.port}`] });
    cutter.redirect(listener.port);
    const page = await show('xterm.mjs');
    const size = { cols: 200, rows: 40 };
    const token = tokenOf(listener);
    const baseURL = `http://127.0.0.1:${cutter.port}`;
    const command =
      "stty raw -echo; printf '\\033[?1000h'; head -c 6 | od -An -tu1; stty sane; printf '\\033[?1000lcooked'; read line; exec vim -u NONE -i NONE -n -N -c 'set number ruler'";
    const options = { baseURL, token, ...size, id: 'screen', command, env: { LC_ALL: 'C.UTF-8' } };
    await page.evaluate((options) => window.start(options), options);
    const reference = new Viewer({
      port: listener.port,
      token,
      id: 'screen',
      steady: true,
      ...size,
    });
    open.push(() => reference.end());
    await page.waitForFunction(() => window.xterm.modes.mouseTrackingMode === 'vt200');
    // So far to the right that the report of the mouse is no UTF-8.
    const box = await page.locator('.xterm-screen').boundingBox();
    const x = box.x + (150.5 / size.cols) * box.width;
    await page.mouse.click(x, box.y + (3.5 / size.rows) * box.height);
    const report = await page.waitForFunction(() => window.reports[0]);
    const bytes = Array.from(await report.jsonValue(), (char) => char.charCodeAt(0));
    expect(bytes).toEqual([27, 91, 77, 32, expect.any(Number), expect.any(Number)]);
    expect(bytes[4]).toBeGreaterThan(127);
    // The report of the button's release may be shown in between.
    const line = new RegExp(`${bytes.join(' +')}[^]*cooked`);
    await until(() => line.test(reference.screen.text), 'the bytes of a click');
    // It is on the line that this ends, and not in vim.
    await page.keyboard.press('Enter');
    await until(() => reference.screen.buffer === 'alternate', 'vim');

    // A page cannot tell a request that was cut from one that it may not read: those are let pass.
    cutRandomly(cutter, 10, random, 2000);
    for (let n = 0; cutter.cuts < 10; n += 1) {
      const before = reference.offset;
      await page.keyboard.type(`oline ${n}: grüße `);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+L');
      await until(() => reference.offset > before, 'output');
    }
    await page.keyboard.type(':echo "all " . "typed"');
    await page.keyboard.press('Enter');
    const seen = () =>
      page.evaluate(`({ shown, picture: (${pictureOf})(xterm), is: xterm.buffer.active.type })`);
    let now;
    await until(async () => {
      now = await seen();
      const same = reference.offset === reference.shown && now.shown === reference.offset;
      return same && reference.screen.text.includes('all typed');
    }, 'the same on both screens');
    expect(now.picture).toEqual(reference.screen.picture);
    expect([page.problems, reference.faults]).toEqual([[], []]);
  }),
  LONG,
);

needs('chromium', 'pages').test(
  'the React hook shows each event once, in StrictMode, everywhere the same, and leaves nothing behind',
  async () => {
    const listener = start();
    const page = await show('react.mjs');
    const options = { url: `ws://127.0.0.1:${listener.port}`, token: tokenOf(listener) };
    await page.evaluate((options) => window.start(options), options);
    await page.waitForFunction(() => window.latest?.state.name === 'open');
    // While React renders a transition piece by piece, events come.
    for (let n = 0; n < 40; n += 1) {
      loopwire.emit('app:count', { n });
      if (n % 10 === 0) await page.evaluate(() => window.again());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await page.waitForFunction(() => window.latest.events.length === 40);
    const { events } = await page.evaluate(() => ({ events: window.latest.events }));
    expect(events.map(({ data }) => data.n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    const commits = await page.evaluate(() => window.commits);
    expect(commits.length).toBeGreaterThan(40);
    const torn = commits.filter((shown) => new Set(shown).size > 1);
    expect(torn).toEqual([]);
    // One connection for all of them, although each was mounted twice.
    await until(() => listener.stats().connections === 1, 'one connection');
    // Those that are left out are no reason to close it, the last one is.
    await page.evaluate(() => window.show(false));
    loopwire.emit('app:count', { n: 40 });
    await page.waitForFunction(() => window.latest.events.length === 41);
    await page.evaluate(() => window.unmount());
    await until(() => listener.stats().connections === 0, 'no connection');
    expect(page.problems).toEqual([]);
  },
  LONG,
);
