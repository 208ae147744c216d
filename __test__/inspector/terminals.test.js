// Terminals in the inspector's page: real commands in real pseudo-terminals.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Inspector } = require('../support/inspector/inspector.cjs');
const { HARMLESS } = require('../support/inspector/page.cjs');
const { HOSTILE, WorkspacePage } = require('../support/inspector/workspace-page.cjs');
const { needs } = require('../support/needs.cjs');

/** A browser beside other tests may be slow. */
const LONG = 90_000;
jest.setTimeout(LONG);

needs('chromium').describe('terminals of the inspector', () => {
  const inspector = Inspector.forTests([], { cuts: true });
  let opened;
  let page;

  beforeEach(async () => {
    opened = await WorkspacePage.open(inspector);
    page = opened.page;
  });

  afterEach(async () => {
    expect(await opened.close()).toEqual([]);
  });

  const attached = () => page.getByRole('status').filter({ hasText: 'Attached' }).waitFor();
  const screen = (text) => page.locator('.xterm-rows', { hasText: text }).waitFor();
  const row = (name) => page.getByRole('listitem').filter({ hasText: name });
  /** Found and read in one step: xterm.js makes its spans anew, and one that was taken out has no style. */
  const styled = (text) =>
    page.evaluate((text) => {
      const span = [...document.querySelectorAll('.xterm-rows span')].find(
        ({ textContent }) => textContent.trim() === text,
      );
      const { color, backgroundColor } = getComputedStyle(span);
      return [color, backgroundColor];
    }, text);
  /** A new terminal, by keys alone. */
  const open = async (command) => {
    await page.getByLabel('Command').focus();
    await page.keyboard.type(command);
    await page.keyboard.press('Enter');
    await attached();
  };

  test('a shell is opened, typed into, resized with the window, and ends with its exit code', async () => {
    await page.getByText('None yet.').waitFor();
    await open('bash --norc');
    await page.locator('.xterm-helper-textarea:focus').waitFor();
    await page.keyboard.type('echo $((6 * 7)) in the shell; pwd\n');
    await screen('42 in the shell');
    await screen(opened.root);
    const before = await page.locator('.xterm-rows > div').count();
    await page.setViewportSize({ width: 900, height: 500 });
    await page.waitForFunction(
      (rows) => document.querySelectorAll('.xterm-rows > div').length < rows,
      before,
    );
    const rows = await page.locator('.xterm-rows > div').count();
    await page.keyboard.type('echo size $(stty size | cut -d" " -f1) end\n');
    await screen(`size ${rows} end`);
    // Digits are typed, and are not keys of the page.
    await page.keyboard.type('exit 3\n');
    await page.getByText(/Ended with exit code 3 after/).waitFor();
    await row('bash --norc').filter({ hasText: 'ended with 3' }).waitFor();
  });

  test('a double click on Open and a held key open one terminal', async () => {
    await page.getByLabel('Command').fill('cat');
    await page.getByRole('button', { name: 'Open' }).dblclick();
    await attached();
    await row('cat').waitFor();
    expect(await opened.sandbox.terminal.list()).toHaveLength(1);
    await page.getByLabel('Command').fill('cat');
    for (let times = 0; times < 5; times += 1) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await row('cat').nth(1).waitFor();
    await attached();
    expect(await opened.sandbox.terminal.list()).toHaveLength(2);
  });

  test('bytes that are no text are no errors of the page', async () => {
    await open('bash --norc');
    await page.keyboard.type(String.raw`printf '\x7f\e[\u032e\x18\n'; echo b''ehind` + '\n');
    await screen('behind');
  });

  test('colours, cursor, selection and both themes show, and the policy is kept', async () => {
    await open('bash --norc');
    await page.keyboard.type(
      String.raw`printf '\e[31mred\e[0m \e[38;2;200;60;10mtrue\e[0m \e[44mground\e[0m \e[1mbold\e[0m \e[2mdim\e[0m\n'` +
        '\n',
    );
    await screen('red true ground bold dim');
    const light = [await styled('red'), await styled('true'), await styled('ground')];
    expect(light).toEqual([
      ['rgb(179, 38, 30)', 'rgba(0, 0, 0, 0)'],
      ['rgb(200, 60, 10)', 'rgba(0, 0, 0, 0)'],
      [expect.any(String), 'rgb(31, 95, 191)'],
    ]);
    const cursor = () =>
      page
        .locator('.xterm-cursor')
        .first()
        .evaluate((span) => getComputedStyle(span).backgroundColor);
    expect(await cursor()).toBe('rgb(11, 110, 117)');
    const box = await page.locator('.xterm-screen').boundingBox();
    await page.mouse.move(box.x + 2, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 8);
    await page.mouse.up();
    const selection = page.locator('.xterm-selection div').first();
    await selection.waitFor();
    expect(await selection.evaluate((div) => getComputedStyle(div).backgroundColor)).not.toBe(
      'rgba(0, 0, 0, 0)',
    );
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.locator('html[data-theme=dark]').waitFor();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.xterm-rows span')].some(
        (span) => getComputedStyle(span).color === 'rgb(255, 138, 128)',
      ),
    );
    expect(await styled('red')).toEqual(['rgb(255, 138, 128)', 'rgba(0, 0, 0, 0)']);
  });

  test('one that another client has started is listed, attached to, detached from, and killed when asked twice', async () => {
    const other = await opened.sandbox.terminal.create({
      id: 'other',
      command: 'echo from before; read line; echo "heard $line"; exec sleep 1000',
    });
    const other_row = row('from before');
    await other_row.getByRole('button').first().click();
    await attached();
    await screen('from before');
    await page.keyboard.type('typed here\n');
    await screen('heard typed here');
    await page.getByRole('button', { name: 'Detach' }).click();
    await page.getByText('Detached: the command goes on').waitFor();
    await other_row.filter({ hasText: '1 attached' }).waitFor();
    await page.getByRole('button', { name: 'Attach', exact: true }).click();
    await attached();
    await screen('heard typed here');

    await other_row.getByRole('button', { name: /^Kill/ }).click();
    const question = page.getByRole('group', { name: 'Kill this terminal?' });
    expect(await question.locator(':focus').textContent()).toBe('Cancel');
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect((await opened.sandbox.terminal.list())[0].running).toBe(true);
    await other_row.getByRole('button', { name: /^Kill/ }).click();
    await page.getByRole('button', { name: 'Kill', exact: true }).click();
    expect(await other.exit).toMatchObject({ signal: 'SIGTERM' });
    await page.getByText(/Ended by SIGTERM after/).waitFor();
    await other_row.filter({ hasText: 'ended by SIGTERM' }).waitFor();
  });

  test('the connection for them is told to be of this page, and offers no disconnect', async () => {
    await open('exec sleep 1000');
    await opened.sandbox.terminal.list();
    await page.keyboard.press('F6');
    await page.keyboard.press('5');
    await page.getByText('3 open.').waitFor();
    const own = page.locator('[data-row]', { hasText: 'this page' });
    expect(await own.count()).toBe(2);
    expect(await own.getByRole('button').count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Disconnect/ }).count()).toBe(1);
  });

  test('one that was never shown is killed, too', async () => {
    const other = await opened.sandbox.terminal.create({ command: 'exec sleep 1000' });
    await row('sleep').getByRole('button', { name: /^Kill/ }).click();
    await page.getByRole('button', { name: 'Kill', exact: true }).click();
    expect(await other.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  needs('vim').test('a program of the whole screen works: a file is written with vim', async () => {
    await open('vim -u NONE -N greeting.txt');
    await screen('greeting.txt');
    await page.keyboard.type('ihello from vim');
    await page.keyboard.press('Escape');
    await screen('hello from vim');
    await page.keyboard.type(':wq\n');
    await page.getByText(/Ended with exit code 0/).waitFor();
    expect(fs.readFileSync(path.join(opened.root, 'greeting.txt'), 'utf8')).toBe(
      'hello from vim\n',
    );
  });

  test('output that is hostile is text: no clipboard, no title of the page, no link that runs', async () => {
    await page.evaluate(() => navigator.clipboard.writeText('untouched'));
    opened.write(
      'hostile',
      [
        `\u001b]0;${HOSTILE} title\u0007`,
        `\u001b]52;c;${Buffer.from('stolen').toString('base64')}\u0007`,
        `${HOSTILE}\r\n`,
        '\u001b]8;;javascript:globalThis.broken=2\u001b\\press me\u001b]8;;\u001b\\\r\n',
        'javascript:globalThis.broken=3 https://example.invalid/\r\n',
        '\u001b[31m</span></div><script>globalThis.broken=4</script>\u001b[0m\r\n',
      ].join(''),
    );
    await open(`cat hostile; sleep 1000 # ${HOSTILE}`);
    await screen('<script>globalThis.broken=4');
    await page.getByRole('heading', { name: `${HOSTILE} title` }).waitFor();
    await row(HOSTILE).waitFor();
    const box = await page.locator('.xterm-rows > div', { hasText: 'press me' }).boundingBox();
    for (const at of [12, 20]) {
      await page.mouse.move(box.x + at, box.y + 6);
      await page.mouse.click(box.x + at, box.y + 6);
    }
    await page.getByText('Link: javascript:globalThis.broken=2').waitFor();
    expect(await opened.harm()).toEqual(HARMLESS);
    expect(opened.windows).toBe(1);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('untouched');
  });

  test('a screen reader finds the lines, and a key leaves the terminal', async () => {
    await open('bash --norc');
    await page.keyboard.type('echo said $((1 + 1)) aloud\n');
    await screen('said 2 aloud');
    // The tabulator is the shell's.
    await page.keyboard.press('Tab');
    await page.locator('.xterm-helper-textarea:focus').waitFor();
    await page.keyboard.press('F6');
    await page.locator('.terminal-row .choose:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.xterm-helper-textarea:focus').waitFor();
    expect(await page.locator('.xterm-helper-textarea').getAttribute('aria-label')).toContain('F6');
    await page.getByRole('button', { name: 'Screen reader' }).click();
    await page
      .locator('.xterm-accessibility [role=listitem]', { hasText: 'said 2 aloud' })
      .last()
      .waitFor();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('echo once $((1 + 2)) more\n');
    await page.locator('.xterm-accessibility .live-region', { hasText: 'once 3 more' }).waitFor();
  });

  test('a command that cannot be started says why, and what helps', async () => {
    await page.getByLabel('Directory').fill('not/there');
    await page.getByLabel('Command').fill('ls');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'relative to its root' }).waitFor();
  });

  test('it goes on after the connection broke, with what was typed meanwhile', async () => {
    await open('bash --norc');
    await page.keyboard.type('echo before $((1 + 4))\n');
    await screen('before 5');
    inspector.cut();
    await page.keyboard.type('echo after $((1 + 5))\n');
    await screen('after 6');
    await page.keyboard.type('exit\n');
    await page.getByText(/Ended with exit code 0/).waitFor();
  });

  test('it is there again after another view, and fits into a narrow window', async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    await open('bash --norc');
    await page.keyboard.type('echo still $((1 + 3)) here\n');
    await screen('still 4 here');
    await page.keyboard.press('F6');
    await page.keyboard.press('1');
    await page.locator('.xterm').waitFor({ state: 'detached' });
    await page.keyboard.press('4');
    await screen('still 4 here');
    // Whoever goes through the views by keys is not caught in it.
    await page.keyboard.press('1');
    await page.keyboard.press('4');
    await screen('still 4 here');
    await row('bash --norc').getByRole('button').first().press('Enter');
    await page.locator('.xterm-helper-textarea:focus').waitFor();
    await page.keyboard.type('echo and $((2 + 3))\n');
    await screen('and 5');
    expect(await opened.isWide()).toBe(false);
  });
});
