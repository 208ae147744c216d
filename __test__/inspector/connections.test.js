// The inspector's view of connections, before a listener with real clients of each form.
'use strict';

const loopwire = require('../..');
const { connect, listeners } = require('../support/channel/client.cjs');
const { connectRaw } = require('../support/channel/raw.cjs');
const { Tabs } = require('../support/inspector/tab.cjs');
const { needs } = require('../support/needs.cjs');
const { until } = require('../support/until.cjs');

/** More than a system takes for a client that does not read. */
const FLOOD_BYTES = 12 << 20;
const EVENT_BYTES = 64 << 10;

needs('chromium').describe('the connections in the inspector', () => {
  const tabs = Tabs.forTests();
  let tab;
  // Behind the page: what ends before it, the page complains of.
  const start = listeners(loopwire);

  /** A listener with clients, of which the page is the last. */
  async function open(forms, { view = '5', window } = {}) {
    const listener = start({ inspector: true });
    const clients = [];
    for (const form of forms) clients.push(await connect(listener, { form }));
    tab = await tabs.open(listener, { view, window });
    return { listener, clients, own: `conn-${forms.length + 1}` };
  }

  const said = (text) => tab.said(text);
  const button = (name) => tab.button(name);
  const texts = async (row) =>
    (await tab.row(row).locator('th, td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));

  test('shows who is connected, since when, in which form, and who holds the slot', async () => {
    const { own } = await open(['sdk', 'sdk', 'query', 'protocol']);
    await tab.page.getByText('5 open. conn-2 holds the slot, 1 waits behind it').waitFor();
    const since = expect.stringMatching(/^\d\d:\d\d:\d\d \d+ s$/);
    const pinged = expect.stringMatching(/^\d+ s ago$/);
    const row = (
      name,
      slot,
      { events = 'receives', behind = '0 0 bytes', end = 'Disconnect' } = {},
    ) => [name, since, slot, events, behind, pinged, end];
    expect(await texts('conn-1')).toEqual(
      row('conn-1 SDK', 'stands by', { events: 'receives none', behind: '–' }),
    );
    expect(await texts('conn-2')).toEqual(row('conn-2 SDK', 'holds the slot'));
    expect(await texts('conn-3')).toEqual(row('conn-3 Sandbox', 'needs none'));
    expect(await texts('conn-4')).toEqual(row('conn-4 Sandbox, loopwire.v1', 'needs none'));
    const name = expect.stringMatching(/^conn-5 ?this page /);
    expect(await texts(own)).toEqual(row(name, 'needs none', { end: 'ends with this page' }));
  });

  test('follows the slot, silence, and how far a client is behind', async () => {
    const { listener, clients } = await open(['sdk', 'sdk']);
    await tab.page.getByText('conn-2 holds the slot').waitFor();
    await clients[1].close();
    await tab.page.getByText('2 open. conn-1 holds the slot').waitFor();
    await clients[0].close();
    await tab.page.getByText('None needs the slot').waitFor();
    await connect(listener, { form: 'query', flags: 'silent=true' });
    await tab.cell('conn-4', 'Events').getByText('silent').waitFor();
    const slow = await connectRaw(listener);
    slow.socket.pause();
    await tab.row('conn-5').waitFor();
    const text = 'x'.repeat(EVENT_BYTES);
    for (let bytes = 0; bytes < FLOOD_BYTES; bytes += EVENT_BYTES) {
      loopwire.emit('my:event', text);
      // The page's connection has time to read.
      if (bytes % (1 << 20) === 0) await tab.page.waitForTimeout(20);
    }
    await tab
      .cell('conn-5', 'Behind')
      .filter({ hasText: /^[1-9]\d* [\d.]+ MiB$/ })
      .waitFor();
  });

  test('draws a hundred of many, and more when asked', async () => {
    await open(Array.from({ length: 120 }, () => 'protocol'));
    await tab.page.getByText('121 open.').waitFor();
    const rows = tab.page.locator('[data-row]');
    expect(await rows.count()).toBe(100);
    await tab.page.getByText('and 21 more').waitFor();
    await button('Show more').click();
    await tab.row('conn-121').waitFor();
    expect(await rows.count()).toBe(121);
    expect(await button('Show more').count()).toBe(0);
  });

  test('disconnects one that was asked for twice, by the keyboard alone', async () => {
    const { clients } = await open(['query', 'query']);
    await tab.row('conn-2').waitFor();
    // In the order of the page: the view, then its buttons.
    await button('Help').focus();
    await tab.press('Tab', 'Tab');
    expect(await tab.focused()).toBe('Disconnect conn-1');
    await tab.press('ArrowDown', 'ArrowDown');
    expect(await tab.focused()).toBe('Disconnect conn-2');
    await tab.press('Enter', 'Enter');
    expect(await tab.focused()).toBe('Disconnect conn-2');
    expect(clients[1].socket.readyState).toBe(clients[1].socket.OPEN);
    await tab.press('Enter', 'ArrowLeft', 'Enter');
    expect(await clients[1].closed).toMatchObject({ code: 4001 });
    await said('conn-2 is disconnected.');
    expect(await tab.row('conn-2').count()).toBe(0);
    expect(await tab.focused()).toBe('Disconnect conn-1');
    expect(clients[0].socket.readyState).toBe(clients[0].socket.OPEN);
  });

  test('says that it is under way, that one was gone already, and what to do when it fails', async () => {
    const { clients } = await open(['query', 'query']);
    await tab.row('conn-2').waitFor();
    // Each answer waits for the test.
    let answer;
    const { page } = tab;
    await page.route('**/ws/disconnect', (route) => {
      answer = () => route.continue();
    });
    await button('Disconnect conn-1').click();
    await button('Disconnect').click();
    await button('Disconnecting…').waitFor();
    expect(await tab.focused()).toBe('Disconnecting…');
    await until(() => answer, 'the request');
    await clients[0].close();
    await tab.row('conn-1').waitFor({ state: 'detached' });
    expect(await page.locator('.said').innerText()).toBe('');
    await answer();
    await said('conn-1 had left by itself.');
    await page.unroute('**/ws/disconnect');
    await page.route('**/ws/disconnect', (route) => route.abort());
    await button('Disconnect conn-2').click();
    await button('Disconnect').click();
    await page
      .getByRole('alert')
      .filter({ hasText: 'Disconnect conn-2: the listener does not answer. Try again' })
      .waitFor();
    expect(clients[1].socket.readyState).toBe(clients[1].socket.OPEN);
    await button('Close').click();
    expect(await tab.focused()).toBe('Disconnect conn-2');
    // The browser itself says what was aborted.
    expect(tab.complaints.splice(0).filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
  });

  test('is summed up by the overview, which leads to it', async () => {
    const { own } = await open(['sdk', 'sdk'], { view: '1' });
    const card = tab.page.getByRole('region', { name: 'Connections' }).first();
    await card.getByText('conn-2 holds the slot, 1 waits behind it').waitFor();
    const row = card.getByRole('row').filter({ hasText: 'conn-1' });
    expect(await row.innerText()).toMatch(/stands by\s+\d+ s\s+–\s+SDK/);
    await card.getByRole('button', { name: 'All connections' }).click();
    await tab.row(own).waitFor();
  });

  test('fits into a narrow window', async () => {
    await open(['sdk', 'sdk', 'protocol'], { window: { viewport: { width: 360, height: 700 } } });
    await tab.row('conn-4').waitFor();
    expect(await tab.isWide()).toBe(false);
    await button('Disconnect conn-1').click();
    const { x, width } = await tab.page
      .getByRole('group', { name: 'Disconnect conn-1?' })
      .boundingBox();
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
    await button('Cancel').click();
    await tab.press('1');
    expect(await tab.isWide()).toBe(false);
    await tab.press('?');
    await tab.page.getByText('Overview, Events, Ports,').waitFor();
  });

  test('a view that cannot be drawn says so, and the others go on', async () => {
    await open([]);
    await tab.row('conn-1').waitFor();
    await tab.page.route('**/ws/connections', (route) =>
      route.fulfill({ body: '{"connections":[null]}' }),
    );
    await tab.page.getByRole('alert').filter({ hasText: 'This view is broken' }).waitFor();
    expect(tab.complaints.splice(0).join('\n')).toMatch(/TypeError/);
    await tab.page.unroute('**/ws/connections');
    await tab.press('2');
    await tab.page.getByRole('grid').waitFor();
    await tab.press('5');
    await tab.row('conn-1').waitFor();
  });

  test('a listener that is asked and does not answer is told', async () => {
    await open(['query']);
    await tab.page.route('**/ws/disconnect', () => {});
    await button('Disconnect conn-1').click();
    await tab.page.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await tab.page.getByRole('alert').filter({ hasText: 'the listener does not answer' }).waitFor();
    expect(await button('Disconnect conn-1').getAttribute('aria-disabled')).toBe(null);
  });
});
