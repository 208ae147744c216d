// Loopwire's watches and those of the peers, each told of every change below a directory.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const paths = require('../paths.cjs');

/**
 * Each starts to watch, and resolves once it is ready. It calls `changed` with the absolute path that a change names: with the
 * new one for a rename. What else it is told about the change is not looked at.
 */
const WATCHERS = {
  async parcel(root, changed) {
    const subscription = await require('@parcel/watcher').subscribe(root, (error, events) => {
      if (error) throw error;
      for (const event of events) changed(event.path);
    });
    return () => subscription.unsubscribe();
  },

  async chokidar(root, changed) {
    const { default: chokidar } = await import('chokidar');
    const watcher = chokidar.watch(root, { ignoreInitial: true });
    watcher.on('all', (_, name) => changed(name));
    watcher.on('error', (error) => {
      throw error;
    });
    await new Promise((resolve) => watcher.once('ready', resolve));
    return () => watcher.close();
  },

  async node(root, changed) {
    const watcher = fs.watch(root, { recursive: true }, (_, name) =>
      changed(path.join(root, name)),
    );
    return () => watcher.close();
  },

  async loopwire(root, changed) {
    const { openWorkspace } = require(paths.shipped);
    process.env.NAPI_RS_NATIVE_LIBRARY_PATH = paths.addon(paths.shipped);
    const workspace = openWorkspace(root, { terminal: false, watch: 'onDemand' });
    const watch = workspace.watch(['**/*']);
    await watch.ready;
    const read = async () => {
      for await (const change of watch) {
        if (change.changeType === 'overflow') throw new Error('Error: changes were dropped');
        changed(path.resolve(root, change.path));
      }
    };
    read().catch((error) =>
      setImmediate(() => {
        throw error;
      }),
    );
    return () => workspace.close();
  },
};

const TITLES = {
  parcel: '@parcel/watcher',
  chokidar: 'chokidar',
  node: 'fs.watch, recursive',
  loopwire: 'Loopwire',
};

/** The subjects of a row. @param {(watcher: string, options: object) => Promise<object>} measure */
function subjects(measure) {
  return Object.fromEntries(
    Object.entries(TITLES).map(([name, title]) => [
      name,
      {
        title,
        loopwire: name === 'loopwire' ? 'shipped' : undefined,
        run: (options) => measure(WATCHERS[name], options),
      },
    ]),
  );
}

module.exports = { subjects };
