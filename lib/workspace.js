// A workspace in JavaScript: a directory, the commands that run in it, its files, what changes in them, git and
// snapshots.
'use strict';

const { checkBytes } = require('./idioms/bytes.js');
const { traced } = require('./idioms/diagnostics.js');
const { closeAtDispose } = require('./idioms/dispose.js');
const { abortError, invalid, outOfRange, unknownOption, wrongType } = require('./errors.js');
const { FileWatch } = require('./file-watch.js');
const { Git } = require('./git.js');
const { KeepAlive } = require('./keep-alive.js');
const { builtin } = require('./loader/builtin.js');
const {
  checkOptions,
  checkSignal,
  onAbort,
  throwIfAborted,
  unlessAborted,
  unlessCancelled,
  withoutSignal,
} = require('./signal.js');
const { Snapshots } = require('./snapshots.js');
const { begin, calledFrom } = require('./stack.js');
const { Terminal } = require('./terminal.js');

const { Buffer } = builtin('node:buffer');

// How much `execute` collects by default. For more, use `terminal`.
const MAX_COLLECTED_BYTES = 16 * 1024 * 1024;

// Input is written in pieces, because only a limited amount may wait for a slow command.
const PIECE_BYTES = 64 * 1024;

// What `terminal` has and `execute` has not: it runs with pipes, and has one command.
const OF_TERMINALS = ['command', 'pty', 'cols', 'rows'];

const open = new Set();

class Workspace {
  #native;
  #keepAlive;
  #git;
  #snapshots;
  #closing;
  #unlisten;
  #NativeCancel;

  constructor({ NativeCancel, NativeWorkspace }, root, given) {
    const [options, signal] = withoutSignal(given);
    throwIfAborted(signal);
    this.#native = new NativeWorkspace(root, options);
    this.#NativeCancel = NativeCancel;
    this.#git = new Git((...request) => this.#native.git(...request));
    this.#snapshots = new Snapshots(this.#native);
    this.#keepAlive = new KeepAlive();
    this.#unlisten = onAbort(signal, () => this.close());
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
    const call = calledFrom();
    const [rest, signal] = withoutSignal(checkOptions(options));
    throwIfAborted(signal);
    const { pty = true, ...others } = rest;
    const terminal = new Terminal(await this.#native.terminal({ ...others, pty }), signal);
    if (!signal?.aborted) return terminal;
    // It fired while the command was started: before that there was nothing to end.
    await terminal.close();
    throw abortError(signal, undefined, call);
  }

  execute(command, options) {
    return traced(
      'execute',
      () => ({ command }),
      () => this.#execute(command, options),
    );
  }

  async #execute(command, options) {
    const call = calledFrom();
    if (typeof command !== 'string') throw wrongType('command', 'a string', command);
    const { encoding, input, maxOutputBytes, ...rest } = checkOptions(options);
    for (const key of OF_TERMINALS) {
      if (key in rest) throw unknownOption('options', key, 'terminal() has it');
    }
    if (encoding !== undefined && encoding !== 'utf8' && encoding !== 'buffer') {
      throw invalid("options.encoding must be 'utf8' or 'buffer'");
    }
    const limit = checkLimit(maxOutputBytes);
    const bytes = Buffer.from(input === undefined ? '' : checkBytes(input, 'options.input'));
    const terminal = await this.terminal({ ...rest, pty: false, command });
    const typed = type(terminal, bytes);
    // A failure is thrown by the `await` below, or by something before it.
    typed.catch(() => {});
    const output = await collect(terminal, limit, call);
    await typed;
    const end = await terminal.exit;
    if (rest.signal?.aborted && end.reason === 'closed')
      throw abortError(rest.signal, undefined, call);
    const text = (pieces) => {
      const all = Buffer.concat(pieces);
      return encoding === 'buffer' ? all : all.toString();
    };
    const { stdout, stderr } = output;
    return { ...end, stdout: text(stdout), stderr: text(stderr) };
  }

  async readFile(path, options) {
    const given = typeof options === 'string' ? { encoding: options } : (options ?? {});
    const { encoding, signal, ...others } = checkOptions(given);
    for (const key of Object.keys(others)) {
      throw unknownOption('options', key, 'readFile has encoding and signal');
    }
    if (encoding !== undefined && encoding !== null && !Buffer.isEncoding(encoding)) {
      throw invalid("options.encoding must be an encoding of Buffers, such as 'utf8'");
    }
    checkSignal(signal);
    throwIfAborted(signal);
    const bytes = await this.#read(path, signal);
    return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding);
  }

  #read(path, signal) {
    if (signal === undefined) return this.#native.readFile(path);
    const cancel = new this.#NativeCancel();
    const read = this.#native.readFile(path, cancel);
    return unlessAborted(signal, read, () => cancel.cancel());
  }

  async writeFile(path, data, options) {
    const [rest, signal] = withoutSignal(options);
    const bytes = checkBytes(data, 'data');
    throwIfAborted(signal);
    if (signal === undefined) return this.#native.writeFile(path, bytes, rest);
    const cancel = new this.#NativeCancel();
    const written = this.#native.writeFile(path, bytes, rest, cancel);
    return unlessCancelled(signal, () => cancel.cancel(), written);
  }

  watch(paths, options) {
    const [rest, signal] = withoutSignal(options);
    throwIfAborted(signal);
    return new FileWatch((wake) => this.#native.watch(paths, rest, wake), signal);
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
    this.#unlisten();
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

closeAtDispose(Workspace);

function checkLimit(bytes = MAX_COLLECTED_BYTES) {
  const name = 'options.maxOutputBytes';
  if (typeof bytes !== 'number') throw wrongType(name, 'a number', bytes);
  if (!(bytes >= 0)) throw outOfRange(name, 'a number from 0 on', bytes);
  return bytes;
}

// Collects the output of a command, up to a limit.
async function collect(terminal, limit, call) {
  const output = { stdout: [], stderr: [] };
  let bytes = 0;
  for await (const { source, data } of terminal.chunks) {
    bytes += data.length;
    if (bytes > limit) {
      terminal.signal('SIGKILL');
      const message = `the command wrote more than ${limit} bytes of output; terminal() has no such limit`;
      const error = new RangeError(message);
      throw begin(Object.assign(error, { code: 'ERR_OUTPUT_TOO_LARGE' }), call);
    }
    output[source].push(data);
  }
  return output;
}

// Writes the input of a command and then ends it.
async function type(terminal, bytes) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await terminal.write(bytes.subarray(at, at + PIECE_BYTES));
  }
  terminal.eof();
}

module.exports = { Workspace };
