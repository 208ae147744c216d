// Changes, snapshots and git in the inspector's page: real files, a real repository, and what is not allowed.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { Inspector } = require('../support/inspector/inspector.cjs');
const { HARMLESS } = require('../support/inspector/page.cjs');
const { HOSTILE, WorkspacePage } = require('../support/inspector/workspace-page.cjs');
const { needs } = require('../support/needs.cjs');

/** A browser beside other tests may be slow. */
const LONG = 90_000;
jest.setTimeout(LONG);

needs('chromium').describe('the workspace in the inspector', () => {
  const inspector = Inspector.forTests();
  let opened;
  let page;

  afterEach(async () => {
    expect(await opened.close()).toEqual([]);
  });

  const open = async (options) => {
    opened = await WorkspacePage.open(inspector, options);
    page = opened.page;
  };
  const told = (text) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const alert = (text) => page.getByRole('alert').filter({ hasText: text }).waitFor();
  const git = (...args) => execFileSync('git', ['-C', opened.root, ...args], { stdio: 'pipe' });
  /** A repository with one commit, and a bare one as its origin. */
  const repository = () => {
    const origin = path.join(opened.root, '../origin.git');
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', origin]);
    git('init', '-q', '-b', 'main');
    git('config', 'user.email', 'test@example.com');
    git('config', 'user.name', 'Test');
    opened.write('committed.txt', 'one\n');
    opened.write('old.txt', 'the same\n');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    git('remote', 'add', 'origin', origin);
    git('push', '-q', '-u', 'origin', 'main');
    return origin;
  };

  /** The number of a kind of changes. */
  const count = (word) => page.locator('.counts div', { hasText: word }).locator('dd');
  const watch = async (folder) => {
    await opened.tab('Changes');
    await page.getByLabel('Folder').fill(folder);
    await page.keyboard.press('Enter');
    await told(/^Watching \d/);
  };
  /** Asks a route of the listener itself. */
  const ask = (route, { headers, ...rest } = {}) =>
    fetch(`http://127.0.0.1:${opened.port}${route}`, {
      ...rest,
      headers: { authorization: `Bearer ${opened.token}`, ...headers },
    });
  const silence = (headers) => ask('/ws/connect', { method: 'POST', headers });
  const published = async () =>
    Number(
      /^loopwire_journal_published_total (\d+)/m.exec(await (await ask('/metrics')).text())[1],
    );
  /** Does it, and waits until the listener has published something because of it. */
  const publishing = async (act) => {
    const before = await published();
    act();
    while ((await published()) === before) await new Promise(setImmediate);
  };

  describe('changes', () => {
    test('what changes in the folder is listed and counted, and nothing else is', async () => {
      await open();
      fs.mkdirSync(path.join(opened.root, 'in'));
      opened.write('in/first.txt', '1');
      opened.write('in/second.txt', '2');
      await watch('in');
      opened.write('outside.txt', 'x');
      opened.write(`in/${HOSTILE}`, 'x');
      fs.renameSync(path.join(opened.root, 'in/first.txt'), path.join(opened.root, 'in/moved.txt'));
      fs.rmSync(path.join(opened.root, 'in/second.txt'));
      await page.locator('td.path', { hasText: 'second.txt' }).waitFor();
      await page.locator('td.path', { hasText: `in/${HOSTILE}` }).waitFor();
      await page.locator('td.path', { hasText: /first\.txt.*→.*moved\.txt/ }).waitFor();
      expect(await page.getByText('outside.txt').count()).toBe(0);
      expect(await count('created').textContent()).toBe('1');
      expect(await count('renamed').textContent()).toBe('1');
      expect(await count('deleted').textContent()).toBe('1');
      expect(await opened.harm()).toEqual(HARMLESS);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Watch' }).waitFor();
      // The listener has forgotten the watch, too.
      await publishing(() => opened.write('in/later.txt', ''));
      await page.evaluate(() => new Promise(requestAnimationFrame));
      expect(await page.getByText('later.txt').count()).toBe(0);
    });

    test('thousands of changes are counted, and a hundred are drawn', async () => {
      await open();
      await watch('.');
      const made = 2000;
      for (let index = 0; index < made; index += 1) opened.write(`file-${index}`, '');
      await count('created').filter({ hasText: '2,000' }).waitFor();
      expect(await page.locator('td.path').count()).toBe(100);
      await page.getByText('and 1,900 before these').waitFor();
    });

    test('a silence is said, and what it muted', async () => {
      await open();
      await watch('.');
      await silence({ 'x-notify-type': 'silent' });
      await told('Silent.');
      await publishing(() => opened.write('muted.txt', 'x'));
      await silence({});
      await page.getByText(/During the silence from .* 1 change went untold/).waitFor();
      await page.getByText('Silent.').waitFor({ state: 'detached' });
      opened.write('heard.txt', 'x');
      await page.locator('td.path', { hasText: 'heard.txt' }).first().waitFor();
      expect(await page.locator('td.path', { hasText: 'muted.txt' }).count()).toBe(0);
    });

    test('a folder outside is refused', async () => {
      await open();
      await opened.tab('Changes');
      await page.getByLabel('Folder').fill('../..');
      await page.keyboard.press('Enter');
      await alert('Only paths inside the workspace can be used.');
    });
  });

  describe('snapshots', () => {
    test('one is taken, compared and restored when asked twice, by keys', async () => {
      await open();
      opened.write('kept.txt', 'as it was');
      opened.write('removed.txt', 'comes back');
      await opened.tab('Snapshots');
      await page.getByText('No snapshots yet.').waitFor();
      await page.getByLabel('Message').focus();
      await page.keyboard.type(HOSTILE);
      await page.keyboard.press('Enter');
      await told(/holds 2 files/);
      await page.getByRole('cell', { name: HOSTILE }).waitFor();
      opened.write('kept.txt', 'changed');
      opened.write(HOSTILE, 'new');
      fs.rmSync(path.join(opened.root, 'removed.txt'));

      await page.getByRole('button', { name: /^Diff/ }).click();
      await page.getByRole('heading', { name: /^Since/ }).waitFor();
      const lines = page.getByRole('list', { name: 'Changes' }).getByRole('listitem');
      expect(await lines.allTextContents()).toEqual([
        `+${HOSTILE}is new, 3 bytes`,
        '~kept.txtdiffers, 9 bytes then, 7 bytes now',
        '−removed.txtis gone, 10 bytes',
      ]);
      await page.getByRole('button', { name: 'Close' }).click();
      await page.locator('[id^=look-]:focus').waitFor();

      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.locator('h2:focus', { hasText: /^Restore/ }).waitFor();
      expect(await lines.allTextContents()).toEqual([
        `−${HOSTILE}will be deleted, 3 bytes`,
        '~kept.txtwill be written, 9 bytes then, 7 bytes now',
        '+removed.txtwill be written, 10 bytes',
      ]);
      await page.getByRole('button', { name: 'Keep the files' }).press('Enter');
      await page.locator('[id^=restore-]:focus').waitFor();
      expect(fs.readFileSync(path.join(opened.root, 'kept.txt'), 'utf8')).toBe('changed');

      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Restore now' }).press('Enter');
      await told(/2 written, 1 deleted/);
      expect(fs.readFileSync(path.join(opened.root, 'kept.txt'), 'utf8')).toBe('as it was');
      expect(fs.readdirSync(opened.root).sort()).toEqual(['kept.txt', 'removed.txt']);
      await page.getByText('before a restore', { exact: true }).waitFor();
      expect(await opened.harm()).toEqual(HARMLESS);
    });

    test('one of another client appears, with its progress', async () => {
      await open();
      opened.write('a.txt', 'a');
      await opened.tab('Snapshots');
      await page.getByText('No snapshots yet.').waitFor();
      await opened.sandbox.snapshots.create({ message: 'from elsewhere' });
      await page.getByRole('cell', { name: 'from elsewhere' }).waitFor();
      await page.getByText(/was taken of 1 file$/).waitFor();
      expect(await page.getByRole('progressbar').getAttribute('value')).toBe('1');
    });
  });

  describe('git', () => {
    test('the branch and the changed files are shown, and a fetch and a pull are made', async () => {
      await open();
      const origin = repository();
      execFileSync('git', ['clone', '-q', origin, path.join(opened.root, '../other')]);
      const other = (...args) =>
        execFileSync('git', [
          '-C',
          path.join(opened.root, '../other'),
          '-c',
          'user.name=a',
          '-c',
          'user.email=a@example.com',
          ...args,
        ]);
      other('commit', '-q', '--allow-empty', '-m', 'two');
      other('push', '-q');
      opened.write('staged.txt', 's');
      git('add', 'staged.txt');
      git('mv', 'old.txt', 'new.txt');
      opened.write('committed.txt', 'changed');
      opened.write(HOSTILE, 'u');
      await opened.tab('Git');
      await page
        .locator('.branch', { hasText: 'main' })
        .filter({ hasText: 'up to date' })
        .waitFor();
      const files = page.getByRole('region', { name: 'Changed files' }).locator('tbody tr');
      expect(await files.allTextContents()).toEqual([
        'committed.txt–modified',
        'old.txt → new.txtrenamed–',
        'staged.txtadded–',
        `${HOSTILE}–new`,
      ]);
      await page.getByRole('button', { name: 'Fetch' }).click();
      await page.locator('.branch', { hasText: '0 ahead, 1 behind' }).waitFor();
      await page.getByRole('progressbar', { name: 'Progress of fetch' }).waitFor();
      await page.getByRole('button', { name: 'Pull' }).click();
      await page.locator('.branch', { hasText: 'up to date' }).waitFor();
      await page.getByRole('progressbar', { name: 'Progress of pull' }).waitFor();
      expect(await opened.harm()).toEqual(HARMLESS);
    });

    test('an operation of another client is a bar with its words, to its end', async () => {
      await open();
      const origin = repository();
      await opened.tab('Git');
      await page.locator('.branch').waitFor();
      const seen = page.evaluate(
        () =>
          new Promise((resolve) => {
            const values = [];
            new MutationObserver(() => {
              const bar = document.querySelector('progress[aria-label="Progress of elsewhere"]');
              if (bar) values.push(bar.value);
              if (bar?.value === 1) resolve(values);
            }).observe(document.body, { subtree: true, childList: true, attributes: true });
          }),
      );
      const { commit } = await opened.sandbox.git.clone({
        url: origin,
        targetDir: 'copy',
        id: 'elsewhere',
      });
      await page.locator('.operation-done', { hasText: commit.slice(0, 10) }).waitFor();
      expect((await seen).at(-1)).toBe(1);
      const failed = opened.sandbox.git.clone({
        url: `${origin}-${HOSTILE}`,
        targetDir: 'other-copy',
        id: HOSTILE,
      });
      await expect(failed).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await page.locator('.operation-failed', { hasText: HOSTILE }).waitFor();
      expect(await opened.harm()).toEqual(HARMLESS);
    });

    test('one that takes its time is a bar that is not full, until it is cancelled', async () => {
      await open();
      // It takes the connection of git, and says nothing.
      const silent = net.createServer();
      await once(silent.listen(0, '127.0.0.1'), 'listening');
      await opened.tab('Git');
      const { port } = silent.address();
      const url = `git://127.0.0.1:${port}/repository`;
      const cloning = opened.sandbox.git.clone({ url, targetDir: 'copy', id: 'slow' });
      const bar = page.getByRole('progressbar', { name: 'Progress of slow' });
      await bar.waitFor();
      expect(await bar.evaluate(({ value }) => value)).toBe(0);
      expect(await page.locator('.operation-running .percent').textContent()).toBe('0 %');
      cloning.cancel();
      await expect(cloning).rejects.toMatchObject({ code: 'CANCELLED' });
      await page.locator('.operation-failed', { hasText: '(CANCELLED)' }).waitFor();
      silent.close();
    });

    test('events of these names with anything in them do no harm', async () => {
      await open();
      await opened.tab('Git');
      const never = { toString: 1, valueOf: 1 };
      const odd = [null, {}, [], HOSTILE, 5, never, { constructor: null, type: 'img', props: {} }];
      const events = odd.flatMap((one, index) => [
        ['git:progress', { id: `a${index}`, percent: one, status: one, phase: one }],
        ['git:complete', { id: `b${index}`, commit: one }],
        ['git:error', { id: `c${index}`, code: one, message: one }],
        ['snapshot:progress', { id: `d${index}`, done: one, total: one, bytes: one }],
        ['snapshot:created', { id: one, commitHash: one, files: one }],
        ['file:summary', { changed: one, since: one }],
        ['file:changed', { path: one, changeType: one, size: one, watches: one }],
      ]);
      await opened.emit(...events, ['git:complete', { id: 'the last', commit: 'ffff' }]);
      await page.getByText('the last').waitFor();
      await page.locator('.operation', { hasText: 'c3' }).filter({ hasText: HOSTILE }).waitFor();
      await opened.tab('Snapshots');
      await page.getByRole('progressbar').first().waitFor();
      await watch('.');
      expect(await opened.harm()).toEqual(HARMLESS);
    });

    test('a configuration of the repository runs nothing', async () => {
      await open();
      repository();
      git('config', 'core.fsmonitor', 'touch ran #');
      await opened.tab('Git');
      await page.locator('.branch').waitFor();
      expect(fs.existsSync(path.join(opened.root, 'ran'))).toBe(false);
    });
  });

  describe('what is not there is said with what helps', () => {
    test('no workspace', async () => {
      await open(null);
      for (const tab of ['Terminals', 'Snapshots', 'Git']) {
        await opened.tab(tab);
        await alert('openWorkspace(');
      }
      await opened.tab('Changes');
      await page.getByRole('button', { name: 'Watch' }).click();
      await alert('openWorkspace(');
    });

    test('parts that are switched off', async () => {
      await open({ terminal: false, git: false, snapshots: false, watch: false });
      await alert('terminal: true');
      await opened.tab('Snapshots');
      await alert('snapshots: true');
      await opened.tab('Changes');
      await page.getByRole('button', { name: 'Watch' }).click();
      await alert("watch: 'auto'");
      await opened.tab('Git');
      await alert('terminal: true');
    });

    test('no git, and no repository', async () => {
      await open();
      await opened.tab('Git');
      await alert('no git repository');
      await page.getByText('git init').waitFor();
      await opened.close();
      const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-no-git-'));
      await open({ env: { PATH: empty } });
      await opened.tab('Git');
      await alert('Install git 2.30');
      fs.rmdirSync(empty);
    });
  });

  test('the tabs are walked through by keys, and all fit into a narrow window', async () => {
    await open();
    repository();
    opened.write(`${'long-'.repeat(40)}.txt`, 'x');
    await page.setViewportSize({ width: 360, height: 700 });
    const { snapshots } = opened.sandbox;
    await snapshots.create({ message: 'word '.repeat(40) });
    await page.getByRole('tab', { name: 'Terminals' }).focus();
    for (const name of ['Changes', 'Snapshots', 'Git']) {
      await page.keyboard.press('ArrowRight');
      await page.locator('[role=tab]:focus', { hasText: name }).waitFor();
      await page.getByRole('tabpanel', { name }).waitFor();
      if (name === 'Git') await page.locator('.branch').waitFor();
      if (name === 'Snapshots') await page.getByRole('cell', { name: /word/ }).waitFor();
      expect(await opened.isWide()).toBe(false);
    }
    await page.keyboard.press('ArrowRight');
    await page.locator('[role=tab]:focus', { hasText: 'Terminals' }).waitFor();
  });
});
