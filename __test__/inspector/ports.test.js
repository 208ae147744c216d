// The inspector's view of the forwarded ports, before a listener whose ports lead through real proxies.
'use strict';

const net = require('node:net');
const { socks5 } = require('../../examples/demo/requests.cjs');
const { httpUpstream, socksUpstream } = require('../../examples/demo/upstreams.cjs');
const {
  after,
  entry,
  forwarding,
  loopwire,
  provide,
  serve,
  tcp,
  until,
} = require('../support/forward/forwarding.cjs');
const { web } = require('../support/forward/web.cjs');
const { HARMLESS } = require('../support/inspector/page.cjs');
const { HOSTILE, Tabs } = require('../support/inspector/tab.cjs');
const { needs } = require('../support/needs.cjs');

const PASSWORD = 'a-password-that-nobody-may-see';
/** How often the page asks. */
const ASK_MS = 2000;
/** What the page may ask in some seconds in which nothing happens, with one more at the beginning. */
const QUIET_MS = 4000;
const MOST_IN_QUIET = 3;
/** For the test that waits for nothing to happen. */
const LONG = 60_000;

needs('chromium').describe('the ports in the inspector', () => {
  const tabs = Tabs.forTests();
  let tab;

  /** The view, and upstreams with the ids `a`, `b` and so on; `a` has the first port, and so on. */
  async function open({
    upstreams = [socksUpstream()],
    forwarded = upstreams.length,
    more = [],
    window,
  } = {}) {
    for (const upstream of upstreams) await serve(upstream);
    const list = upstreams.map(({ port }, at) => entry('abc'[at], 'socks5', port));
    const { start } = await forwarding({ list: [...list, ...more] });
    for (let at = 0; at < forwarded; at += 1) await loopwire.createWithId(start + at, 'abc'[at]);
    const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {}, {
      inspector: true,
    });
    tab = await tabs.open(listener, { view: '3', window });
    return { start, listener, upstreams, list };
  }

  const said = (text) => tab.said(text);
  const button = (name) => tab.button(name);
  const state = (port, text) => tab.cell(port, 'State').filter({ hasText: text }).waitFor();

  test('shows each port with its upstream, and never a password', async () => {
    const credentials = { username: 'somebody', password: PASSWORD };
    const upstream = await serve(httpUpstream({ credentials }));
    const { start } = await open({ more: [entry('paid', 'http', upstream.port, credentials)] });
    await loopwire.createWithId(start + 1, 'paid');
    await state(start + 1, 'Online');
    expect(
      await tab
        .row(start + 1)
        .getByRole('rowheader')
        .innerText(),
    ).toBe(`${start + 1}\n127.0.0.1:${start + 1}`);
    const shown = await tab.cell(start + 1, 'Upstream').innerText();
    expect(shown).toBe(`http://127.0.0.1:${upstream.port}\npaid`);
    expect(await tab.cell(start + 1, 'Latency').innerText()).toMatch(/^\d+ ms$/);
    expect(await tab.cell(start + 1, 'Connections').innerText()).toBe('0 open\n0 so far, 0 bytes');
    const all = [await tab.page.content(), ...tab.heard].join('\n');
    expect(all).toContain('port:list');
    expect(all).toContain('loopwire_forward_port_bytes_down_total');
    expect(all).not.toContain(PASSWORD);
    expect(all).not.toContain(credentials.username);
  });

  test('draws the traffic that flows', async () => {
    const { start } = await open();
    const target = await serve(web());
    await tab.cell(start, 'Traffic').filter({ hasText: '0 bytes/s' }).waitFor();
    const url = `http://127.0.0.1:${target.port}/download`;
    const body = await socks5(start, url);
    expect(body.status).toBe(200);
    await tab
      .cell(start, 'Traffic')
      .filter({ hasText: /↓ \d+\.\d MiB\/s/ })
      .waitFor();
    await tab.cell(start, 'Connections').filter({ hasText: '1 so far, 5.0 MiB' }).waitFor();
    const picture = tab.cell(start, 'Traffic').getByRole('img', { name: /at most \d+\.\d MiB\/s/ });
    const line = await picture.locator('.line').getAttribute('d');
    const heights = [...line.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    // The top is 1: what flowed fills the height, and before it nothing did.
    expect(Math.min(...heights)).toBe(1);
    expect(Math.max(...heights)).toBe(25);
  });

  test('says that an upstream is down, why and since when, and that it is back', async () => {
    const { start, upstreams } = await open();
    await state(start, 'Online');
    const before = Date.now();
    await upstreams[0].stop();
    await socks5(start, 'http://127.0.0.1:9/').catch(() => {});
    await state(start, 'Offline');
    await state(start, 'upstream unreachable. Is the proxy running?');
    await tab.page.getByText('1 forwarded, 1 offline').waitFor();
    const { ports } = tab.heard
      .map((text) => text.startsWith('{') && JSON.parse(text))
      .findLast(({ type }) => type === 'port:list').data;
    expect(Date.parse(ports[0].since)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(ports[0].since)).toBeLessThanOrEqual(Date.now());
    const shown = new Date(ports[0].since);
    const clock = [shown.getHours(), shown.getMinutes(), shown.getSeconds()]
      .map((part) => String(part).padStart(2, '0'))
      .join(':');
    await state(start, `since ${clock}`);
    await upstreams[0].start();
    await state(start, 'Online');
  });

  test(
    'shows a change soon, without asking often, and asks nothing while it is hidden',
    async () => {
      const { start } = await open();
      await state(start, 'Online');
      const lists = () => tab.asked.filter(({ type }) => type === 'port:list').length;
      const quiet = lists();
      await tab.page.waitForTimeout(QUIET_MS);
      expect(lists() - quiet).toBeLessThanOrEqual(MOST_IN_QUIET);
      expect(lists() - quiet).toBeGreaterThan(0);
      await tab.hide(true);
      await tab.page.waitForTimeout(300);
      const hidden = lists();
      await loopwire.createWithId(start + 1, 'a');
      await tab.page.waitForTimeout(QUIET_MS / 2);
      expect(lists()).toBe(hidden);
      await tab.hide(false);
      await state(start + 1, 'Online');
      // Without the questions at intervals, events are what tells of a change; hundreds of them are one question.
      await tab.page.evaluate((ms) => {
        const { setTimeout } = globalThis;
        globalThis.setTimeout = (call, after, ...rest) =>
          after === ms ? 0 : setTimeout(call, after, ...rest);
      }, ASK_MS);
      await tab.page.waitForTimeout(ASK_MS + 500);
      const begun = lists();
      await tab.page.waitForTimeout(ASK_MS + 500);
      expect(lists()).toBe(begun);
      for (let count = 0; count < 300; count += 1) loopwire.emit('portStateUpdate', String(start));
      await loopwire.createWithId(start + 2, 'a');
      await state(start + 2, 'Online');
      expect(lists() - begun).toBeLessThanOrEqual(MOST_IN_QUIET);
    },
    LONG,
  );

  test('rotates, says so when it is done, and what to do when it cannot be done', async () => {
    const { start, upstreams, list } = await open();
    await button(`Rotate port ${start}`).click();
    const alert = tab.page.getByRole('alert');
    await alert
      .filter({ hasText: `Rotate port ${start}: no port available. No other proxy fits` })
      .waitFor();
    await tab.page.getByRole('button', { name: 'Close' }).click();
    await alert.waitFor({ state: 'detached' });
    expect(await tab.focused()).toBe(`Rotate port ${start}`);
    // A proxy that answers when the test lets it.
    let greet;
    const greeted = new Promise((resolve) => (greet = resolve));
    const second = await serve(socksUpstream());
    const slow = await tcp((socket) => {
      const onward = net.connect(second.port, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      greeted.then(() => socket.pipe(onward).pipe(socket));
      after(() => onward.destroy());
    });
    provide([...list, entry('slow', 'socks5', slow)]);
    await button(`Rotate port ${start}`).click();
    await button('Rotating…').waitFor();
    await tab.page.waitForTimeout(500);
    expect(await tab.page.locator('.said').innerText()).toBe('');
    expect(await tab.cell(start, 'Upstream').innerText()).toContain(`:${upstreams[0].port}`);
    greet();
    await said(`Port ${start} goes through socks5://127.0.0.1:${slow} now (slow,`);
    expect(await tab.cell(start, 'Upstream').innerText()).toBe(`socks5://127.0.0.1:${slow}\nslow`);
    expect(loopwire.ports()[0].proxyId).toBe('slow');
  });

  test('says what was done while another view was shown, and lets nothing be done twice', async () => {
    const { start, list } = await open();
    const silent = await tcp(() => {});
    provide([...list, entry('silent', 'socks5', silent)]);
    await button(`Rotate port ${start}`).click();
    await button('Rotating…').waitFor();
    await tab.press('1', '3');
    expect(await button('Rotating…').getAttribute('aria-disabled')).toBe('true');
    await tab.press('1');
    await until(() => tab.heard.some((text) => text.includes('"ROTATE_FAILED"')));
    await tab.press('3');
    await tab.page
      .getByRole('alert')
      .filter({ hasText: `Rotate port ${start}: ` })
      .waitFor();
  });

  test('removes a port when it was asked twice, by the keyboard alone', async () => {
    const { start } = await open({
      upstreams: [socksUpstream(), socksUpstream(), socksUpstream()],
    });
    await state(start + 2, 'Online');
    // In the order of the page: the view, then two buttons a row.
    await button('Help').focus();
    await tab.press('Tab', 'Tab', 'Tab');
    expect(await tab.focused()).toBe(`Remove port ${start}`);
    await tab.press('ArrowDown');
    expect(await tab.focused()).toBe(`Remove port ${start + 1}`);
    await tab.press('ArrowLeft', 'End');
    expect(await tab.focused()).toBe(`Rotate port ${start + 2}`);
    await tab.press('ArrowRight', 'ArrowUp', 'Enter');
    const question = tab.page.getByRole('group', { name: `Remove port ${start + 1}?` });
    await question.waitFor();
    expect(await tab.focused()).toBe('Cancel');
    await tab.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await tab.focused()).toBe(`Remove port ${start + 1}`);
    // The second press of a hasty hand changes nothing.
    await tab.press('Enter');
    await question.waitFor();
    await tab.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(loopwire.isRunningPort(start + 1)).toBe(1);
    await tab.press('Enter');
    await question.waitFor();
    await tab.press('ArrowLeft', 'Enter');
    await said(`Port ${start + 1} is removed.`);
    await until(() => loopwire.isRunningPort(start + 1) === 0, 'the end of the port');
    expect(await tab.row(start + 1).count()).toBe(0);
    expect(await tab.focused()).toBe(`Remove port ${start + 2}`);
    await tab.press('Enter', 'ArrowLeft', 'Enter');
    await said(`Port ${start + 2} is removed.`);
    expect(await tab.focused()).toBe(`Remove port ${start}`);
    await tab.press('Enter', 'ArrowLeft', 'Enter');
    await tab.page.getByText('No port is forwarded.').waitFor();
    expect(await tab.focused()).toBe('Forwarded ports');
  });

  test('takes strings of a provider for text', async () => {
    const upstream = await serve(socksUpstream());
    const { start } = await open({ more: [entry(HOSTILE, 'socks5', upstream.port)] });
    await loopwire.createWithId(start + 1, HOSTILE);
    await tab
      .cell(start + 1, 'Upstream')
      .getByText(HOSTILE, { exact: true })
      .waitFor();
    await button(`Rotate port ${start}`).click();
    await said(HOSTILE);
    expect(await tab.harm()).toEqual(HARMLESS);
  });

  test('lets nothing be done without a connection, and keeps what it knows', async () => {
    const { start, listener } = await open();
    await state(start, 'Online');
    tab.complaints.losesConnection();
    listener.close();
    await tab.page.getByText('as of the last answer').waitFor();
    expect(await button(`Remove port ${start}`).getAttribute('aria-disabled')).toBe('true');
    await button(`Remove port ${start}`).click({ force: true });
    expect(await tab.page.getByRole('group').count()).toBe(0);
  });

  test('fits into a narrow window', async () => {
    const { start, upstreams } = await open({
      upstreams: [socksUpstream(), socksUpstream()],
      window: { viewport: { width: 360, height: 700 } },
    });
    await upstreams[1].stop();
    await socks5(start + 1, 'http://127.0.0.1:9/').catch(() => {});
    await state(start + 1, 'Offline');
    expect(await tab.isWide()).toBe(false);
    await button(`Remove port ${start}`).click();
    const question = tab.page.getByRole('group', { name: `Remove port ${start}?` });
    const { x, width } = await question.boundingBox();
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
    expect(await tab.isWide()).toBe(false);
    expect(
      await tab.page.getByRole('table', { name: 'Forwarded ports' }).getByRole('row').count(),
    ).toBe(2);
  });
});
