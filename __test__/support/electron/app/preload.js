'use strict';

const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('events', {
  listen: (callback) => {
    ipcRenderer.on('event', (_, message) => callback(message));
  },
  connection: () => ipcRenderer.invoke('connection'),
});
