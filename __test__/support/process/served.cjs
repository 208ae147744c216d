// A served workspace for tests of the command line, a proxy before it that cuts, and programs that run on a terminal.
'use strict';

const { spawn } = require('node:child_process');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../../..');
const { Cutter } = require('../client/cutter.cjs');
const { bin, environment } = require('./command-line.cjs');

const TOKEN = 'a-token-for-the-tests';
const env = { LOOPWIRE_TOKEN: TOKEN };

const endings = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await loopwire.shutdown();
});

/** Opens a workspace and serves it. `url` leads to it, `cutter.url` through a proxy that can cut. */
async function served(options = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-served-'));
  endings.push(() => fs.rmSync(root, { recursive: true, force: true }));
  const workspace = loopwire.openWorkspace(root, { watch: 'onDemand', ...options });
  const cutter = await Cutter.before(0);
  endings.push(() => cutter.close());
  // The proxy has another port, which is in the Host header.
  const allowedHosts = [`127.0.0.1:${cutter.port}`];
  const listener = loopwire.startEventListener(0, TOKEN, () => {}, { allowedHosts });
  cutter.redirect(listener.port);
  cutter.url = `ws://127.0.0.1:${cutter.port}`;
  return { root, workspace, listener, cutter, url: `ws://127.0.0.1:${listener.port}` };
}

/** Runs `loopwire …`; its output is bytes, and can be left unread. */
function start(args, { input, stdio = ['pipe', 'pipe', 'pipe'], more = {} } = {}) {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio,
    env: environment({ ...env, ...more }),
  });
  endings.push(() => child.kill('SIGKILL'));
  child.said = { stdout: [], stderr: [] };
  const read = (name) => child[name]?.on('data', (bytes) => child.said[name].push(bytes));
  child.read = () => ['stdout', 'stderr'].forEach(read);
  child.stdin?.on('error', () => {});
  if (input !== undefined) child.stdin.end(input);
  child.ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const [stdout, stderr] = ['stdout', 'stderr'].map((name) => Buffer.concat(child.said[name]));
      resolve({ code, signal, stdout, stderr, out: stdout.toString(), errors: stderr.toString() });
    });
  });
  return child;
}

/** The same to its end. Without `input` its standard input is at its end. */
async function run(args, options = {}) {
  const child = start(args, { input: '', ...options });
  child.read();
  return child.ended;
}

const word = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs `loopwire …` on a terminal, with a look at what the terminal is set to before and behind it. */
async function onTerminal(workspace, args, { before = '', ...size } = {}) {
  const line = [process.execPath, bin, ...args].map(word).join(' ');
  // Its process id comes first.
  const started = `sh -c 'echo "pid $$"; exec "$@"' sh ${line}`;
  const look = 'echo "modes $(stty -g)"';
  const script = `${look}; ${before} ${started}; code=$?; ${look}; echo "ended $code"`;
  const terminal = await workspace.terminal({ command: script, env, ...size });
  const seen = new EventEmitter();
  let text = '';
  const reading = (async () => {
    for await (const piece of terminal.output) {
      text += piece.toString();
      seen.emit('more');
    }
  })();
  const screen = {
    terminal,
    get text() {
      return text;
    },
    /** Waits until the output has it, behind what was waited for before. */
    async until(wanted) {
      for (;;) {
        const found = text.match(wanted);
        if (found) return found;
        const over = await Promise.race([once(seen, 'more'), reading.then(() => 'over')]);
        if (over === 'over' && !text.match(wanted))
          throw new Error(`it has ended: ${JSON.stringify(text)}`);
      }
    },
    async pid() {
      const [, pid] = await screen.until(/pid (\d+)\r\n/);
      return Number(pid);
    },
    /** The exit code, and whether the terminal is set as before. */
    async end() {
      const [, code] = await screen.until(/ended (\d+)\r\n/);
      await reading;
      const modes = text.match(/modes [0-9a-f:]+/g);
      return { code: Number(code), restored: modes.length === 2 && modes[0] === modes[1] };
    },
  };
  return screen;
}

module.exports = { TOKEN, env, onTerminal, run, served, start };
