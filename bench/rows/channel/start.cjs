// Row: from `require` to listening in a fresh process, and the size of the `.node`.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { TOKEN } = require('../../lib/loopwire.cjs');
const paths = require('../../lib/paths.cjs');
const { median } = require('../../lib/stats.cjs');

const PROCESSES = 11;

/** Runs `body` in fresh processes; it calls `listening()`. */
function fresh(count, body) {
  const code = `
    const began = process.hrtime.bigint();
    const listening = () => {
      const ms = Number(process.hrtime.bigint() - began) / 1e6;
      process.stdout.write(String(ms), () => process.exit(0));
    };
    ${body}`;
  const run = () =>
    Number(execFileSync(process.execPath, ['-e', code], { cwd: paths.bench, encoding: 'utf8' }));
  return median(Array.from({ length: count }, run));
}

function sizeOf(file) {
  return fs.statSync(file).size / 1e6;
}

module.exports = {
  name: 'start',
  title: '`require` to listening; size of the `.node`',
  base: 'ws',
  columns: [
    { key: 'ms', title: 'ms' },
    { key: 'mb', title: 'MB' },
  ],
  subjects: {
    ws: {
      title: '`ws`',
      run: ({ quick }) => ({
        ms: fresh(
          quick ? 3 : PROCESSES,
          `const { WebSocketServer } = require("ws");
           new WebSocketServer({ port: 0, host: "127.0.0.1" }).on("listening", listening);`,
        ),
      }),
    },
    bare: {
      title: 'bare axum and napi',
      run: ({ quick }) => ({
        ms: fresh(
          quick ? 3 : PROCESSES,
          `require(${JSON.stringify(paths.bare)}).listen(); listening();`,
        ),
        mb: sizeOf(paths.bare),
      }),
    },
    loopwire: {
      title: 'Loopwire, the public build',
      loopwire: true,
      run: ({ quick }) => ({
        ms: fresh(
          quick ? 3 : PROCESSES,
          `const { startEventListener } = require(${JSON.stringify(paths.shipped)});
           startEventListener(0, ${JSON.stringify(TOKEN)}, () => {}); listening();`,
        ),
        mb: sizeOf(paths.addon(paths.shipped)),
      }),
    },
  },
  goals: [
    { of: 'loopwire', key: 'ms', atMost: 3 },
    { of: 'loopwire', key: 'mb', atMost: 6.5 },
  ],
};
