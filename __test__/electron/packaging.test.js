// The application in examples/electron, packaged with electron-builder as its README says. It gets the Electron that tests have
// (support/electron/example.cjs), since the one of today cannot be had here.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { Application, Display } = require('../support/electron/application.cjs');
const example = require('../support/electron/example.cjs');
const { needs, tool } = require('../support/needs.cjs');

/** Copies an Electron of 200 MB, and starts it. */
const LONG = 180_000;

needs('electron', 'bundlers', 'builder').test(
  'electron-builder leaves the native core outside of the archive, and the application runs',
  async () => {
    const readme = fs.readFileSync(path.join(lib.root, 'examples/electron/README.md'), 'utf8');
    const [, command] = /^npx (electron-builder .*)$/m.exec(readme);
    const folder = await example.olderCopy();
    const at = (...names) => path.join(folder, ...names);
    let app;
    let display;
    try {
      // What the test has added goes along.
      const config = fs.readFileSync(at('electron-builder.yml'), 'utf8');
      const added = ['driver.js', ...example.STANDINS].map((name) => `  - ${name}\n`).join('');
      fs.writeFileSync(at('electron-builder.yml'), config.replace('files:\n', `files:\n${added}`));

      const [name, ...args] = command.split(' ');
      const cli = path.join(tool('builder'), name, 'cli.js');
      args.push(`-c.electronDist=${tool('electron')}`, '-c.electronVersion=9.4.1');
      const { code, output } = await lib.run(process.execPath, [cli, ...args], {
        capture: true,
        cwd: folder,
      });
      expect([code, output]).toEqual([0, expect.stringContaining('packaging')]);

      const resources = at('dist', 'linux-unpacked', 'resources');
      const abi = lib.platformAbi();
      const addon = `app.asar.unpacked/node_modules/@loopwire/binding-${abi}/loopwire.${abi}.node`;
      expect(fs.existsSync(path.join(resources, addon))).toBe(true);
      expect(fs.existsSync(path.join(resources, 'app.asar.unpacked/node_modules/loopwire'))).toBe(
        false,
      );

      display = await Display.start();
      const program = path.join(resources, '..', 'loopwire-electron-example');
      app = new Application({ display, place: '', command: [program] });
      await example.opened(app);
      // Out of the archive Electron would have copied it, and run the copy.
      const maps = fs.readFileSync(`/proc/${app.child.pid}/maps`, 'utf8');
      expect(maps).toContain(path.join(fs.realpathSync(resources), addon));
      await example.quits(app);
    } finally {
      await app?.kill();
      await display?.end();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
  LONG,
);
