// What the example uses of an Electron of today and Electron 9 does not have, made of what that one has. It runs before the example.
'use strict';

const { fork } = require('child_process');
const fs = require('fs');
const path = require('path');
const { fileURLToPath } = require('url');
const electron = require('electron');

const { app, ipcMain, protocol } = electron;

global.Response = function Response(text, { status = 200, file } = {}) {
  Object.assign(this, { text, status, file });
};

/** Files and texts, as far as the example answers with them. */
protocol.handle = (scheme, handler) => {
  protocol.registerBufferProtocol(scheme, async ({ url }, answer) => {
    const { text, status, file } = await handler({ url });
    const types = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' };
    const mimeType = types[path.extname(file || '')] || 'text/plain';
    const data = file ? fs.readFileSync(file) : Buffer.from(text);
    answer({ statusCode: status, mimeType, data });
  });
};

const net = { fetch: async (url) => new Response('', { file: fileURLToPath(url) }) };

/** A process made with `fork`: Node in Electron's executable, without a service of Chromium's around it. */
const utilityProcess = {
  fork(file) {
    const child = fork(file);
    return Object.assign(child, { postMessage: (message) => child.send(message) });
  },
};

// A frame knew its page by `url` alone.
const { handle } = ipcMain;
ipcMain.handle = (channel, listener) =>
  handle.call(ipcMain, channel, (event, ...args) => {
    const { protocol, host } = new URL(event.sender.getURL());
    return listener(
      { sender: event.sender, senderFrame: { origin: `${protocol}//${host}` } },
      ...args,
    );
  });

app.on('web-contents-created', (_, contents) => {
  contents.setWindowOpenHandler = (handler) =>
    contents.on('new-window', (event, url) => {
      if (handler({ url }).action === 'deny') event.preventDefault();
    });
});

module.exports = new Proxy(electron, {
  get: (_, name) => ({ net, utilityProcess })[name] || electron[name],
});
