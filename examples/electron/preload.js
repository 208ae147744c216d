// What the page may do: hear events, and ask where it can connect. It gets no `ipcRenderer`.
'use strict';

const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('loopwire', {
  /** Events of the main process by IPC, as objects. Returns what ends it. */
  listen(callback) {
    const listener = (_, json) => callback(JSON.parse(json));
    ipcRenderer.on('event', listener);
    return () => ipcRenderer.off('event', listener);
  },
  /** URL and token of a listener: `main` or `utility`. */
  connection: (name) => ipcRenderer.invoke('connection', name),
});
