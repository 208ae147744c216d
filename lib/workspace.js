// A workspace in JavaScript: a directory, the commands that run in it, its files, what changes in them, git and
// snapshots.
'use strict';

const { abortError, invalid, wrongType } = require('./errors.js');
const { FileWatch } = require('./file-watch.js');
const { Git } = require('./git.js');
const { KeepAlive } = require('./keep-alive.js');
const { builtin } = require('./loader/builtin.js');
const { Snapshots } = require('./snapshots.js');
const { begin, calledFrom } = require('./stack.js');
const { Terminal } = require('./terminal.js');

const { Buffer } = builtin('node:buffer');

// How much `execute` collects by default. For more, use `terminal`.
const MAX_COLLECTED_BYTES = 16 * 1024 * 1024;

// Input is written in pieces, because only a limited amount may wait for a slow command.
const PIECE_BYTES = 64 * 1024;

const open = new Set();

class Workspace {
  #native;
  #keepAlive;
  #git;
  #snapshots;
  #closing;

  constructor(NativeWorkspace, root, options) {
    this.#native = new NativeWorkspace(root, options);
    this.#git = new Git((...request) => this.#native.git(...request));
    this.#snapshots = new Snapshots(this.#native);
    this.#keepAlive = new KeepAlive();
    open.add(this);
  }

  get root() {
    return this.#native.root;
  }

  get closed() {
    return this.#native.closed;
  }

  get git() {
    return this.#git;
  }

  get snapshots() {
    return this.#snapshots;
  }

  async terminal(options) {
    return new Terminal(await this.#native.terminal({ pty: true, ...options }));
  }

  async execute(command, options) {
    const call = calledFrom();
    if (typeof command !== 'string') throw wrongType('command', 'a string', command);
    const { encoding, input, maxOutputBytes = MAX_COLLECTED_BYTES, ...rest } = options ?? {};
    if (encoding !== undefined && encoding !== 'utf8' && encoding !== 'buffer') {
      throw invalid("options.encoding must be 'utf8' or 'buffer'");
    }
    if (typeof maxOutputBytes !== 'number' || !(maxOutputBytes >= 0)) {
      throw wrongType('options.maxOutputBytes', 'a number', maxOutputBytes);
    }
    const terminal = await this.terminal({ pty: false, ...rest, command });
    const typed = type(terminal, input);
    // A failure is thrown by the `await` below, or by something before it.
    typed.catch(() => {});
    const output = { stdout: [], stderr: [] };
    let bytes = 0;
    for await (const { source, data } of terminal.chunks) {
      bytes += data.length;
      if (bytes > maxOutputBytes) {
        terminal.signal('SIGKILL');
        const message = `the command wrote more than ${maxOutputBytes} bytes of output; terminal() has no such limit`;
        const error = new RangeError(message);
        throw begin(Object.assign(error, { code: 'ERR_OUTPUT_TOO_LARGE' }), call);
      }
      output[source].push(data);
    }
    await typed;
    const end = await terminal.exit;
    const text = (pieces) => {
      const all = Buffer.concat(pieces);
      return encoding === 'buffer' ? all : all.toString();
    };
    const { stdout, stderr } = output;
    return { ...end, stdout: text(stdout), stderr: text(stderr) };
  }

  async readFile(path, options) {
    const encoding = typeof options === 'string' ? options : options?.encoding;
    const bytes = await this.#native.readFile(path);
    return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding);
  }

  writeFile(path, data, options) {
    return this.#native.writeFile(path, data, options);
  }

  watch(paths, options) {
    // Anything else is refused below.
    const isObject = typeof options === 'object' && options !== null;
    const { signal, ...others } = isObject ? options : {};
    if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
      throw wrongType('options.signal', 'an AbortSignal', signal);
    }
    if (signal?.aborted) throw abortError(signal);
    const begin = (wake) => this.#native.watch(paths, isObject ? others : options, wake);
    return new FileWatch(begin, signal);
  }

  ref() {
    this.#keepAlive.ref();
    return this;
  }

  unref() {
    this.#keepAlive.unref();
    return this;
  }

  close() {
    this.#forget();
    this.#closing ??= this.#native.close();
    return this.#closing;
  }

  #forget() {
    this.#keepAlive.end();
    open.delete(this);
  }

  // Workspaces that something else closed must not keep the process alive.
  static forgetAll() {
    for (const workspace of open) workspace.#forget();
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const { root, closed } = this;
    return `Workspace ${inspect({ root, closed }, options)}`;
  }
}

// Writes the input of a command and then ends it.
async function type(terminal, input) {
  const bytes = Buffer.from(input ?? '');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await terminal.write(bytes.subarray(at, at + PIECE_BYTES));
  }
  terminal.eof();
}

module.exports = { Workspace };
