// An Electron application whose window shows the events of two listeners: one in the main process, one in a utility process.
'use strict';

const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { app, BrowserWindow, ipcMain, net, powerMonitor, protocol, session } = require('electron');
const loopwire = require('loopwire');
const { Utility } = require('./utility-host');

const ORIGIN = 'app://my-app';
const FOLDER = path.join(__dirname, 'renderer');
const CLIENT = path.dirname(require.resolve('loopwire/client'));

/** By socket: the page connects to this one itself. */
const token = loopwire.generateToken();
let listener;

/** The second listener, in a process of its own: what blocks or crashes there does not stop the windows. */
let utility;

let window;

// A standard scheme has an origin that the listener can admit. Pages of files all have the same one.
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true } },
]);

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', show);
  app.whenReady().then(start).catch(failed);
} else {
  app.quit();
}

async function start() {
  protocol.handle('app', serve);
  restrict(session.defaultSession);
  // By IPC: text, not Buffers. IPC copies what it is given, and a Buffer is a view of a whole batch of events.
  listener = loopwire.startEventListener(0, token, (json) => toPage('event', json), {
    format: 'string',
    allowedOrigins: [ORIGIN],
  });
  utility = new Utility();

  ipcMain.handle('connection', ({ senderFrame }, name) => {
    // Only the page that is the application's own is told the tokens.
    if (senderFrame?.origin !== ORIGIN) throw new Error(`not for ${senderFrame?.origin}`);
    if (name === 'utility') return utility.connection();
    return { url: `ws://127.0.0.1:${listener.port}`, token };
  });

  const address = await proxy();
  powerMonitor.on('resume', resumed);
  await open();
  loopwire.emit('app:started', { proxy: address, electron: process.versions.electron });
}

function failed(error) {
  console.error(error);
  app.exit(1);
}

/** Files of the page, and the client as modules. Nothing else. */
function serve({ url }) {
  const { host, pathname } = new URL(url);
  const [, client] = /^\/client\/(.*)$/.exec(pathname) ?? [];
  const folder = client === undefined ? FOLDER : CLIENT;
  const file = path.join(folder, client ?? pathname);
  const isInside = file.startsWith(folder + path.sep);
  if (host !== 'my-app' || !isInside) return new Response('not found', { status: 404 });
  return net.fetch(pathToFileURL(file).href);
}

/** Pages of this application may connect to this machine, should Electron ask. */
const isGranted = (permission, url) =>
  permission === 'loopback-network' && url.startsWith(`${ORIGIN}/`);

/** Without these handlers Electron grants each page whatever it asks for. */
function restrict(pages) {
  pages.setPermissionCheckHandler((_, permission, origin) => isGranted(permission, origin));
  pages.setPermissionRequestHandler((_, permission, decide, { requestingUrl }) =>
    decide(isGranted(permission, requestingUrl)),
  );
}

/** A local port, and a session whose requests go through it. The upstream may be changed while it runs. */
async function proxy() {
  const [port] = loopwire.getPortsFreeWithLimit(1);
  const { address } = await loopwire.forward({ port, upstream: process.env.UPSTREAM ?? 'direct:' });
  const browsing = session.fromPartition('persist:browsing');
  restrict(browsing);
  await browsing.setProxy({ proxyRules: address, proxyBypassRules: '<-loopback>' });
  return address;
}

/** While the computer slept, upstreams may have dropped what was open: the ports are tried now, not at the next request. */
async function resumed() {
  for (const { port } of loopwire.ports()) {
    loopwire.emit('app:resumed', { port, isOnline: (await loopwire.testPort(port)) === 1 });
  }
}

async function open() {
  window = new BrowserWindow({
    width: 900,
    height: 600,
    webPreferences: {
      preload: path.join(__dirname, 'preload.js'),
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
    },
  });
  // The application's page shows nothing from elsewhere.
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  await window.loadURL(`${ORIGIN}/index.html`);
}

/** The application was started again: the window that is there comes to the front. */
function show() {
  if (!window || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}

function toPage(channel, message) {
  // Events still come while the window closes.
  if (window && !window.isDestroyed()) window.webContents.send(channel, message);
}

app.on('window-all-closed', () => app.quit());

// Not `before-quit`: a window may still refuse to close then. Without this all ends with the process, and clients see a
// connection that broke.
let isOver = false;
app.on('will-quit', (event) => {
  if (isOver) return;
  event.preventDefault();
  isOver = true;
  close().then(() => app.quit(), failed);
});

async function close() {
  await utility?.end();
  await loopwire.shutdown();
}
