// An Electron application whose window shows the events of two listeners: one in the main process, one in a utility process.
'use strict';

const path = require('node:path');
const { pathToFileURL } = require('node:url');
const {
  app,
  BrowserWindow,
  ipcMain,
  net,
  powerMonitor,
  protocol,
  session,
  utilityProcess,
} = require('electron');
const loopwire = require('loopwire');

const ORIGIN = 'app://my-app';
const FOLDER = path.join(__dirname, 'renderer');
const CLIENT = path.dirname(require.resolve('loopwire/client'));

// A standard scheme has an origin that the listener can admit. Pages of files all have the same one.
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true } },
]);

/** By socket: the page connects to this one itself. */
const token = loopwire.generateToken();
let listener;

/** The second listener, in a process of its own: what blocks or crashes there does not stop the windows. */
let utility;

let window;

app.whenReady().then(start);

async function start() {
  protocol.handle('app', serve);
  // By IPC: text, not Buffers. IPC copies what it is given, and a Buffer is a view of a whole batch of events.
  listener = loopwire.startEventListener(0, token, (json) => toPage('event', json), {
    format: 'string',
    allowedOrigins: [ORIGIN],
  });
  utility = utilityProcess.fork(path.join(__dirname, 'utility.js'));
  const fromUtility = new Promise((resolve) => utility.once('message', resolve));

  // Only the page that is the application's own is told the token.
  ipcMain.handle('connections', async ({ senderFrame }) => {
    if (senderFrame?.origin !== ORIGIN) throw new Error(`not for ${senderFrame?.origin}`);
    const main = { url: `ws://127.0.0.1:${listener.port}`, token };
    return { main, utility: await fromUtility };
  });

  const address = await proxy();
  powerMonitor.on('resume', resumed);
  await open();
  loopwire.emit('app:started', { proxy: address, electron: process.versions.electron });
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

/** A local port, and a session whose requests go through it. The upstream may be changed while it runs. */
async function proxy() {
  const [port] = loopwire.getPortsFreeWithLimit(1);
  const { address } = await loopwire.forward({ port, upstream: process.env.UPSTREAM ?? 'direct:' });
  const browsing = session.fromPartition('persist:browsing');
  await browsing.setProxy({ proxyRules: address, proxyBypassRules: '<-loopback>' });
  return address;
}

/** While the computer slept, upstreams may have dropped what was open: the ports are tried now, not at the next request. */
async function resumed() {
  loopwire.emit('app:resumed');
  for (const { port } of loopwire.ports()) {
    await loopwire.testPort(port).catch((error) => loopwire.emit('app:failed', String(error)));
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

function toPage(channel, message) {
  // Events still come while the window closes.
  if (window && !window.isDestroyed()) window.webContents.send(channel, message);
}

app.on('window-all-closed', () => app.quit());
// Not needed for a clean end: what is open ends with the process. This tells clients that they need not wait.
app.on('will-quit', () => {
  utility?.kill();
  void loopwire.shutdown();
});
