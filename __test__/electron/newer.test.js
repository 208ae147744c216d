// What newer versions of Electron ask of a native module, without one: as far as Node, a linker and a listing can tell.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const lib = require('../../scripts/lib.cjs');
const { needs, tool } = require('../support/needs.cjs');

const addon = path.join(lib.root, `loopwire.${lib.platformAbi()}.node`);
const cage = path.resolve(__dirname, '..', 'support', 'electron', 'cage');

needs('nm').test(
  'the native core asks for no symbol of V8, of libuv or of Node besides Node-API',
  () => {
    const args = ['-D', '--undefined-only', '--demangle', addon];
    const lines = execFileSync(tool('nm'), args, { encoding: 'utf8', maxBuffer: 1 << 26 }).split(
      '\n',
    );
    const asked = lines.filter((line) => /\b(v8|uv_|node)(::|_|\w*$)/.test(line));
    expect(lines.length).toBeGreaterThan(100);
    expect(asked).toEqual([]);
  },
);

needs('cc').test(
  'where external buffers are refused, as by the memory cage, the bytes of everything get through',
  () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-cage-'));
    try {
      const library = path.join(folder, 'cage.so');
      execFileSync(tool('cc'), [
        '-shared',
        '-fPIC',
        '-o',
        library,
        path.join(cage, 'cage.c'),
        '-ldl',
      ]);
      const ran = spawnSync(process.execPath, [path.join(cage, 'program.cjs')], {
        encoding: 'utf8',
        env: { ...process.env, LD_PRELOAD: library },
      });
      // At least one was asked for, so it is known that they are refused; napi-rs copies the bytes then.
      expect(ran).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/^(refused an external buffer\n)+$/),
      });
      const { file, stdout, terminal, ...sizes } = JSON.parse(ran.stdout);
      expect([file, stdout, terminal]).toEqual([300_000, 300_000, 300_000]);
      // One that is missing is none.
      for (const name of ['events', 'messages', 'iterated']) expect(sizes[name]).toBeGreaterThan(0);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
);
