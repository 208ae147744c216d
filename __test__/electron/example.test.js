// The application in examples/electron.
//
// It is for an Electron of today. In version 9, which a Python wheel holds, it runs made older, with stand-ins for what is
// younger (support/electron/younger.cjs). With ELECTRON_OVERRIDE_DIST_PATH it runs as it is.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const WebSocket = require('ws');
const lib = require('../../scripts/lib.cjs');
const { Application, Display } = require('../support/electron/application.cjs');
const example = require('../support/electron/example.cjs');
const { needs, tool, when } = require('../support/needs.cjs');
const { installed } = require('../support/package/packed.cjs');
const { until } = require('../support/until.cjs');

const { opened, other, page, shown, states } = example;
const LONG = 60_000;
const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;

/** The example as it is, with the package as npm installs it. */
async function asItIs() {
  const folder = example.copy();
  const modules = path.join(await installed(), 'node_modules');
  fs.cpSync(modules, path.join(folder, 'node_modules'), { recursive: true });
  return folder;
}

/** How many listen to what in the main process. */
const listening = (app) =>
  app.run(({ electron: { app, ipcMain, powerMonitor }, state: { window } }) =>
    [app, ipcMain, powerMonitor, window, window.webContents].map((one) =>
      one.eventNames().map((name) => one.listenerCount(name)),
    ),
  );

/** What holds in each Electron. @param {() => Promise<string> | string} copy @param {string} dist */
const behaviour = (copy, dist) => () => {
  let app;
  let display;
  let folder;

  beforeAll(async () => {
    if (tool('electron')) display = await Display.start();
    folder = await copy();
    app = new Application({ display, place: folder, command: [example.program(dist)] });
    await opened(app);
  }, LONG);
  afterAll(async () => {
    await app?.kill();
    await display?.end();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const emit = (type, data) =>
    app.run(({ loopwire }, type, data) => void loopwire.emit(type, data), type, data);
  const connectionsOf = () =>
    app.page(() =>
      Promise.all(['main', 'utility'].map((name) => window.loopwire.connection(name))),
    );

  test('its page shows the events of both listeners, as text', async () => {
    await emit('my:event', { text: '<b>no HTML</b>' });
    await until(async () => {
      const [ipc, main] = await page(app, shown);
      return ipc.includes('<b>no') && main.includes('<b>no');
    }, 'the event');
    const [ipc, main, utility] = await page(app, shown);
    expect(ipc).toMatch(/app:started \{"proxy":"127\.0\.0\.1:\d+"/);
    expect(main).not.toContain('utility:tick');
    expect(utility).not.toContain('my:event');
    expect(await app.page(() => document.querySelector('b'))).toBeNull();
  });

  test('a session has a port as its proxy, which is tried when the computer wakes up', async () => {
    const proxy = /"proxy":"([^"]+)"/.exec((await page(app, shown))[0])[1];
    const route = () =>
      app.run(({ electron }) =>
        electron.session.fromPartition('persist:browsing').resolveProxy('http://example.test/'),
      );
    await until(async () => (await route()) === `PROXY ${proxy}`, 'the proxy of the session');
    await app.run(({ electron }) => void electron.powerMonitor.emit('resume'));
    const isTried = new RegExp(
      `app:resumed {"port":${/\d+$/.exec(proxy)},"isOnline":(true|false)}`,
    );
    await until(async () => isTried.test((await page(app, shown))[0]), 'the test of the port');
  });

  test('its page has no Node, opens nothing, and is granted nothing', async () => {
    const tried = await app.page(async () => {
      const violations = [];
      const all = new Promise((resolve) =>
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          if (violations.push(effectiveDirective) === 3) resolve();
        }),
      );
      const form = Object.assign(document.createElement('form'), { action: 'https://a.test/' });
      const script = Object.assign(document.createElement('script'), { text: 'stolen = 1' });
      document.body.append(form, script);
      form.submit();
      window.open('app://my-app/index.html');
      const fetched = await fetch('https://a.test/').catch((error) => error.name);
      await all;
      return {
        node: [typeof require, typeof process, typeof Buffer],
        face: Object.keys(window.loopwire),
        notifications: await Notification.requestPermission(),
        script: typeof stolen,
        fetched,
        violations: violations.sort(),
      };
    });
    expect(tried).toEqual({
      node: ['undefined', 'undefined', 'undefined'],
      face: ['listen', 'connection'],
      notifications: 'denied',
      script: 'undefined',
      fetched: 'TypeError',
      violations: ['connect-src', 'form-action', 'script-src-elem'],
    });
    const navigated = await app.run(async ({ electron, state: { window } }) => {
      const told = new Promise((resolve) =>
        window.webContents.once('will-navigate', (event, url) =>
          resolve([url || event.url, event.defaultPrevented]),
        ),
      );
      const code = `void (location.href = 'https://a.test/')`;
      await window.webContents.executeJavaScript(code);
      return [await told, electron.BrowserWindow.getAllWindows().length];
    });
    expect(navigated).toEqual([['https://a.test/', true], 1]);
  });

  test('a page of another origin is not told the tokens, and nothing prints them', async () => {
    const refused = await app.run(async ({ electron, folder }) => {
      const webPreferences = {
        preload: `${folder}/preload.js`,
        contextIsolation: true,
        sandbox: true,
      };
      const stranger = new electron.BrowserWindow({ show: false, webPreferences });
      await stranger.loadURL('app://another-app/index.html').catch(() => {});
      const ask = `loopwire.connection('main').catch(String)`;
      const answer = await stranger.webContents.executeJavaScript(ask);
      stranger.destroy();
      return answer;
    });
    expect(refused).toContain('not for app://another-app');
    for (const { token } of await connectionsOf()) {
      expect(token.length).toBeGreaterThan(20);
      expect(app.said).not.toContain(token);
    }
  });

  test(
    'a page that is loaded again leaves no listener and no connection behind',
    async () => {
      const before = await listening(app);
      for (let n = 0; n < 5; n += 1) {
        await app.reload();
        const areOpen = async () => String(await page(app, states)) === 'open,open';
        await until(areOpen, 'both connections');
        await emit('my:count', { n });
        const counted = async () => (await page(app, shown)).map((text) => text.match(/my:count/g));
        await until(async () => (await counted()).slice(0, 2).every(Boolean), 'the event, twice');
        expect(await counted()).toEqual([['my:count'], ['my:count'], null]);
      }
      expect(await listening(app)).toEqual(before);
      for (const { url, token } of await connectionsOf()) {
        const headers = { authorization: `Bearer ${token}` };
        const count = async () => {
          const answer = await fetch(`${url.replace('ws:', 'http:')}/ws/connections`, {
            headers,
          });
          return (await answer.json()).connections.length;
        };
        await until(async () => (await count()) === 1, 'one connection');
      }
    },
    LONG,
  );

  test(
    'a utility process that was killed is started again, and the page connects to it by itself',
    async () => {
      await until(() => other(app), 'an event of the process');
      const pid = await other(app);
      const before = await connectionsOf();
      process.kill(pid, 'SIGKILL');
      const isNext = async () => ![0, pid].includes(await other(app));
      await until(isNext, 'the events of another process');
      expect(await page(app, states)).toEqual(['open', 'open']);
      expect(await connectionsOf()).toEqual(before);
    },
    LONG,
  );

  test('one that is started while it runs ends, and the window comes to the front', async () => {
    const { spawnfile, spawnargs } = app.child;
    await app.run(({ state }) => {
      state.raised = 0;
      state.window.focus = () => (state.raised += 1);
    });
    const { env } = app;
    const second = spawn(spawnfile, spawnargs.slice(1), {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    expect(await once(second, 'exit')).toEqual([0, null]);
    await until(() => app.run(({ state }) => state.raised === 1), 'the window');
  });

  test('closes the utility process and its listeners, then ends', async () => {
    // A client of its own, which is told how its connection ends.
    const sockets = (await connectionsOf()).map(
      ({ url, token }) => new WebSocket(`${url}/ws`, ['loopwire.v1', `bearer.${token}`]),
    );
    const closed = sockets.map((socket) => once(socket, 'close').then(([code]) => code));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    await example.quits(app);
    expect(await Promise.all(closed)).toEqual([1001, 1001]);
  });
};

needs('electron', 'bundlers').describe(
  'the example in Electron 9, made older,',
  behaviour(example.olderCopy, tool('electron')),
);

const isGiven = given !== undefined && tool('bundlers') !== null;
describe('the example', () => {
  // One test where there is none, not one for each of its tests.
  if (isGiven)
    when(true, '').describe('runs as it is in an Electron of today:', behaviour(asItIs, given));
  else {
    when(false, 'ELECTRON_OVERRIDE_DIST_PATH, the folder of a newer Electron').test(
      'runs as it is in an Electron of today',
      () => {},
    );
  }
});

needs('bundlers').test(
  'the example calls what Electron 45 has, as its types say',
  () => {
    const folder = example.copy();
    try {
      const modules = path.join(folder, 'node_modules');
      fs.mkdirSync(path.join(modules, '@types'), { recursive: true });
      fs.symlinkSync(lib.root, path.join(modules, 'loopwire'));
      fs.symlinkSync(path.join(tool('bundlers'), 'electron'), path.join(modules, 'electron'));
      const types = path.join(lib.root, 'node_modules', '@types', 'node');
      fs.symlinkSync(types, path.join(modules, '@types', 'node'));
      const tsc = path.join(lib.root, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = ['--noEmit', '--allowJs', '--checkJs', '--strict', 'false', '--skipLibCheck'];
      const files = ['main.js', 'preload.js', 'utility-host.js', 'utility.js'];
      const more = ['--module', 'node20', '--types', 'node', '--preserveSymlinks'];
      const ran = spawnSync(process.execPath, [tsc, ...options, ...more, ...files], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(ran).toMatchObject({ status: 0, stdout: '' });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
  LONG,
);
