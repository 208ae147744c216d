// What the scripts share: where things are, how a command is run, what this machine is called.
//
// Node's own modules only: bootstrap.cjs needs this before anything is installed.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** The built tools that `.ci/run` installs for the tests, out of git's and npm's sight. */
const toolsDir = path.join(root, 'target', 'tools');

/** Where a test run leaves its totals for `ready.cjs` and `.ci/run`. */
const totalsFile = path.join(root, 'target', 'loopwire-totals.json');

/** An error whose message is all that the person needs: printed without a stack. */
class Problem extends Error {}

/** The platform's name as napi-rs writes it: `linux-x64-gnu`. */
function platformAbi() {
  const { arch, platform } = process;
  if (platform === 'darwin') return `darwin-${arch}`;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform === 'linux') {
    const report = /** @type {any} */ (process.report.getReport());
    return `linux-${arch}-${report.header.glibcVersionRuntime ? 'gnu' : 'musl'}`;
  }
  throw new Problem(`Loopwire has no native core for ${platform}-${arch}.`);
}

/**
 * Runs a command to its end with the terminal handed through, or, with `capture`, with its output
 * kept (both streams in the order they came, and each by itself: the order between them is the system's).
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{capture?: boolean, echo?: boolean | 'stderr', cwd?: string, env?: Record<string, string | undefined>}} [options]
 *   `echo` prints what is captured as it comes, or of that standard error alone
 * @returns {Promise<{code: number, output: string, stdout: string, stderr: string, seconds: number}>}
 */
function run(command, args, { capture = false, echo = false, cwd = root, env = {} } = {}) {
  const begun = process.hrtime.bigint();
  return new Promise((resolve) => {
    let output = '';
    const each = { stdout: '', stderr: '' };
    const done = (/** @type {number} */ code) =>
      resolve({ code, output, ...each, seconds: Number(process.hrtime.bigint() - begun) / 1e9 });
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      // Never the terminal's input: a tool that asks a question would hang CI.
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      // npm is a .cmd on Windows, and Node starts those through a shell only.
      shell: windows && command === 'npm',
    });
    const keep = (/** @type {'stdout' | 'stderr'} */ name) => (/** @type {string} */ text) => {
      output += text;
      each[name] += text;
      if (echo === true || echo === name) process[name].write(text);
    };
    child.stdout?.setEncoding('utf8').on('data', keep('stdout'));
    child.stderr?.setEncoding('utf8').on('data', keep('stderr'));
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      done(127);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/** The npm that runs us, or the one on the path. @returns {[string, string[]]} */
function npm() {
  const own = process.env.npm_execpath;
  return own && /npm-cli\.c?js$/.test(own) && fs.existsSync(own)
    ? [process.execPath, [own]]
    : ['npm', []];
}

/** @param {string[]} args @param {Parameters<typeof run>[2]} [options] */
function runNpm(args, options) {
  const [command, first] = npm();
  return run(command, [...first, ...args], options);
}

/** The script behind an installed tool's command. @param {string} name @param {string} [bin] */
function toolPath(name, bin = name) {
  const dir = path.join(root, 'node_modules', ...name.split('/'));
  const manifest = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8'));
  return path.join(dir, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin]);
}

/** Runs a tool of `node_modules` under this Node. @param {string} name @param {string[]} args @param {Parameters<typeof run>[2] & {bin?: string}} [options] */
function runTool(name, args, options = {}) {
  return run(process.execPath, [toolPath(name, options.bin), ...args], options);
}

/** The first line a command prints, or null if it cannot be run. @param {string} command @param {string[]} args */
function firstLine(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.split('\n')[0].trim() : null;
}

/** Whether a command ends well. @param {string} command @param {string[]} args */
function succeeds(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'ignore' }).status === 0;
}

/**
 * The target triple that cargo builds for here. `napi build` always names one, which gives cargo a
 * folder of its own; naming the same one everywhere keeps the dependencies from being built twice.
 */
function hostTriple() {
  const result = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  const host = result.status === 0 && /^host: (.+)$/m.exec(result.stdout)?.[1];
  if (!host) throw new Problem(noRust());
  return host;
}

function noRust() {
  const wanted = /rust-version = "(.+)"/.exec(
    fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8'),
  )?.[1];
  return `No Rust found: \`cargo\` and \`rustc\` must be on the PATH (Rust ${wanted} or newer, https://rustup.rs).`;
}

/**
 * One hash over files and folders, by content: a branch switch or a deleted file counts, a touched
 * one does not.
 *
 * @param {string[]} names relative to the root; missing ones count as empty
 */
function contentHash(names) {
  const hash = crypto.createHash('sha256');
  const visit = (/** @type {string} */ name) => {
    const full = path.join(root, name);
    const stat = fs.statSync(full, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const entry of fs.readdirSync(full).sort()) {
        if (entry !== 'target' && entry !== 'node_modules') visit(path.posix.join(name, entry));
      }
      return;
    }
    hash.update(`${name}\0${stat.size}\0`).update(fs.readFileSync(full));
  };
  names.forEach(visit);
  return hash.digest('hex');
}

/** Runs a script's main function; a Problem is told in one line. @param {() => Promise<number | void>} main */
function cli(main) {
  main().then(
    (code) => (process.exitCode = code ?? 0),
    (error) => {
      console.error(error instanceof Problem ? `\n${error.message}` : error);
      process.exitCode = 1;
    },
  );
}

module.exports = {
  Problem,
  cli,
  contentHash,
  firstLine,
  hostTriple,
  noRust,
  platformAbi,
  root,
  run,
  runNpm,
  runTool,
  succeeds,
  toolPath,
  toolsDir,
  totalsFile,
};
