// The workspace's view with what nobody should send, and with hands that are too quick.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { Application } = require('../support/inspector/application.cjs');
const { Inspector } = require('../support/inspector/inspector.cjs');
const { HARMLESS } = require('../support/inspector/page.cjs');
const { HOSTILE, WorkspacePage } = require('../support/inspector/workspace-page.cjs');
const { needs } = require('../support/needs.cjs');

/** A browser beside other tests may be slow. */
const LONG = 90_000;
jest.setTimeout(LONG);
/** For what must not happen: longer than the page waits before it asks again, and what it may ask meanwhile. */
const QUIET_MS = 1500;
const MOST_IN_QUIET = 4;

needs('chromium').describe('the workspace in the inspector, misused', () => {
  // With connections that can be broken.
  const inspector = Inspector.forTests([], { cuts: true });
  let opened;
  let page;

  afterEach(async () => {
    expect(await opened.close()).toEqual([]);
  });

  const open = async () => {
    opened = await WorkspacePage.open(inspector);
    page = opened.page;
  };
  const told = (text) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const connections = async () => {
    const answer = await fetch(`http://127.0.0.1:${opened.port}/ws/connections`, {
      headers: { authorization: `Bearer ${opened.token}` },
    });
    return (await answer.json()).connections;
  };
  /** The commands that the page sends from now on, by their types. */
  const spied = () =>
    page.evaluate(() => {
      const { send } = WebSocket.prototype;
      globalThis.sent = [];
      WebSocket.prototype.send = function spy(message) {
        if (typeof message === 'string') globalThis.sent.push(JSON.parse(message));
        return send.call(this, message);
      };
    });
  const sent = (type) =>
    page.evaluate((type) => globalThis.sent.filter((one) => one.type === type), type);

  test('a change with anything in it is counted, and ends no watch', async () => {
    await open();
    await spied();
    await opened.tab('Changes');
    await page.getByRole('button', { name: 'Watch' }).click();
    await told(/^Watching \d/);
    const [{ data }] = await sent('file:watch');
    const odd = [null, -1, 1e308, HOSTILE, [], { toString: 1, valueOf: 1 }, '__proto__'];
    await opened.emit(
      ...odd.map((one) => [
        'file:changed',
        { watches: [data.id], path: one, changeType: one, size: one, timestamp: one },
      ]),
      ...odd.map((one) => [
        'file:changed',
        { watches: [data.id], path: 'p', changeType: 'created', size: one, timestamp: one },
      ]),
    );
    await page
      .locator('.counts div', { hasText: 'created' })
      .locator('dd')
      .filter({ hasText: '7' })
      .waitFor();
    expect(await page.locator('.changes').textContent()).not.toContain('NaN');
    opened.write('real.txt', '');
    await page.locator('td.path', { hasText: 'real.txt' }).waitFor();
    expect(await opened.harm()).toEqual(HARMLESS);
  });

  test('a double click and a held key take one', async () => {
    await open();
    opened.write('a.txt', 'a');
    await opened.tab('Snapshots');
    await page.getByText('No snapshots yet.').waitFor();
    await page.getByRole('button', { name: 'Take a snapshot' }).dblclick();
    await told(/holds 1 file/);
    await page.getByLabel('Message').focus();
    await page.keyboard.down('Enter');
    await page.getByRole('button', { name: /^Diff/ }).nth(1).waitFor();
    for (let times = 0; times < 5; times += 1) {
      await told(/holds 1 file/);
      await page.keyboard.down('Enter');
    }
    await page.keyboard.up('Enter');
    await told(/holds 1 file/);
    expect(await opened.sandbox.snapshots.list()).toHaveLength(2);
  });

  test('nothing that cannot be undone waits for a connection', async () => {
    await open();
    await opened.sandbox.terminal.create({ command: 'cat' });
    await page.getByRole('button', { name: 'Kill cat' }).waitFor();
    opened.write('a.txt', 'a');
    await opened.tab('Snapshots');
    await page.getByRole('button', { name: 'Take a snapshot' }).click();
    await told(/holds 1 file/);
    opened.write('a.txt', 'b');
    await page.getByRole('button', { name: /^Restore/ }).click();
    const restore = page.getByRole('button', { name: 'Restore now' });
    expect(await restore.isEnabled()).toBe(true);
    inspector.lead(1);
    inspector.cut();
    await page.locator('.state-waiting').waitFor();
    expect(await restore.isDisabled()).toBe(true);
    await opened.tab('Terminals');
    expect(await page.getByRole('button', { name: 'Kill cat' }).isDisabled()).toBe(true);
    inspector.lead(opened.port);
    await page.locator('.state-open').waitFor();
    expect(await page.getByRole('button', { name: 'Kill cat' }).isEnabled()).toBe(true);
  });

  test('what was compared in another workspace is not shown any more', async () => {
    await open();
    opened.write('a.txt', 'a');
    await opened.tab('Snapshots');
    await page.getByRole('button', { name: 'Take a snapshot' }).click();
    await told(/holds 1 file/);
    await page.getByRole('button', { name: /^Diff/ }).click();
    await page.getByText('Nothing differs').waitFor();
    const root = fs.mkdtempSync(path.join(opened.root, 'other-'));
    const other = await Application.start(opened.token, {
      workspace: { root, snapshotDir: path.join(opened.root, 'snapshots') },
    });
    inspector.lead(other.port);
    inspector.cut();
    await page.getByText('No snapshots yet.').waitFor();
    expect(await page.getByText('Nothing differs').count()).toBe(0);
    await other.stop();
  });

  test('a code that is the name of the prototype is no word, and changes no object', async () => {
    await open();
    const silent = net.createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const git = (...args) => execFileSync('git', ['-C', opened.root, ...args]);
    git('init', '-q');
    git('remote', 'add', 'origin', `git://127.0.0.1:${silent.address().port}/repository`);
    await opened.tab('Git');
    await page.locator('.branch').waitFor();
    await spied();
    await page.getByRole('button', { name: 'Fetch' }).click();
    await page.getByRole('progressbar').waitFor();
    const [{ data }] = await sent('git:fetch');
    await opened.emit(['git:error', { id: data.id, code: '__proto__', message: 'odd' }]);
    await page.getByRole('alert').filter({ hasText: 'odd' }).waitFor();
    const inherited = await page.evaluate(() => {
      const names = [];
      for (const name in {}) names.push(name);
      return names;
    });
    expect(inherited).toEqual([]);
    silent.close();
  });

  test('numbers that are none, and huge texts, are no share and no long row', async () => {
    await open();
    await opened.tab('Git');
    const huge = 'x'.repeat(1 << 18);
    const odd = ['abc', '5', -1, 1e308, null, true, huge];
    await opened.emit(
      ...odd.flatMap((one, index) => [
        ['git:progress', { id: `a${index}`, percent: one, bytesPerSecond: one, status: huge }],
        ['snapshot:progress', { id: `b${index}`, done: one, total: 10, bytes: one, phase: huge }],
      ]),
      ['git:error', { id: 'last', code: huge, message: huge }],
    );
    await page.locator('.operation-failed', { hasText: 'last' }).waitFor();
    const percent = page.locator('.percent');
    expect(await percent.allTextContents()).toEqual(['–', '–', '–', '100 %', '0 %', '–', '–', '–']);
    const length = () => page.locator('.operations').evaluate((list) => list.textContent.length);
    expect(await length()).toBeLessThan(100_000);
    await opened.tab('Snapshots');
    await percent.first().waitFor();
    expect(await percent.allTextContents()).toEqual(['–', '–', '–']);
    expect(await length()).toBeLessThan(100_000);
  });

  test('hundreds that end are one question, and none in another view', async () => {
    await open();
    execFileSync('git', ['init', '-q', opened.root]);
    await opened.tab('Git');
    await page.locator('.branch').waitFor();
    await opened.tab('Snapshots');
    await page.getByText('No snapshots yet.').waitFor();
    await opened.tab('Git');
    await spied();
    const ends = Array.from({ length: 300 }, (_, index) => ['git:complete', { id: index }]);
    await opened.emit(...ends, ['git:complete', { id: 'last' }]);
    await page.locator('.operation', { hasText: 'last' }).waitFor();
    await page.waitForTimeout(QUIET_MS);
    expect((await sent('terminal:execute')).length).toBeLessThanOrEqual(MOST_IN_QUIET);
    await page.keyboard.press('1');
    while ((await connections()).length > 1) await page.waitForTimeout(50);
    await opened.emit(['git:complete', { id: 'x' }], ['snapshot:created', { id: 'y' }]);
    await page.waitForTimeout(QUIET_MS);
    expect(await connections()).toHaveLength(1);
  });
});
