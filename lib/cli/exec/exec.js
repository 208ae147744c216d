// `loopwire exec`: runs a command in the workspace of a listener as if it ran here.
'use strict';

const { number } = require('../arguments.js');
const { listener } = require('../connect/listener.js');
const { Remote } = require('../connect/remote.js');
const { Output } = require('../output/output.js');
const { Problem, usage } = require('../problem.js');
const { bySignal, exitCode } = require('../terminal/exit-code.js');
const keyboard = require('../terminal/keyboard.js');
const { RemoteTerminal } = require('../terminal/remote-terminal.js');
const { readInput, session } = require('../terminal/session.js');
const { commandLine } = require('./command-line.js');

/** Forwarded to the command; a second one ends this program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** A day in seconds, the longest time limit of a command. */
const LONGEST_TIMEOUT = 86_400;
/** How long a command that is of no use any more gets for each way of being ended. */
const PATIENCE_MS = 2_000;
/** How a person ends it who does not wait for a lost connection. */
const GIVEN_UP = 'given up';
/** How long the last words to the listener may take. */
const LAST_WORDS_MS = 300;

async function exec(values, [url], words) {
  const spec = wanted(values, words);
  const where = listener(values, url, 'exec');
  const outputs = { stdout: new Output(1), stderr: new Output(2) };
  const remote = new Remote(where, { binary: true, note: keyboard.note });
  const size = values.tty ? keyboard.size() : undefined;
  const write = (source, bytes) => outputs[source].write(bytes);
  const ready = () => values.tty && keyboard.makeRaw();
  const terminal = new RemoteTerminal(remote, { spec, size }, { write, ready });
  forwardSignals(terminal, remote);
  if (values.tty) keyboard.onResize((now) => terminal.resize(now));
  await session(outputs, async () => {
    remote.start();
    let giveUp;
    const givenUp = new Promise((resolve) => (giveUp = resolve));
    const pass = (bytes) =>
      keyboard.givesUp(remote, bytes) ? giveUp(GIVEN_UP) : terminal.input.write(bytes);
    const unread = feed(terminal.input, pass, values['no-stdin']);
    const left = Promise.race([outputs.stdout.over, outputs.stderr.over]).then(() => undefined);
    try {
      const end = await Promise.race([terminal.exit, left, unread, givenUp]);
      if (end === GIVEN_UP) return bySignal('SIGINT');
      if (end) return exitCode(end);
    } catch (error) {
      await abandon(terminal, 'SIGTERM');
      throw error;
    }
    await abandon(terminal, 'SIGPIPE');
    // What a shell says of a command that writes where nobody reads.
    return bySignal('SIGPIPE');
  });
}

/** What to run, as the listener takes it. */
function wanted(values, words) {
  const timeout = values.timeout && number('timeout', values.timeout, 1, LONGEST_TIMEOUT);
  return {
    command: commandLine(words),
    ...(values.cwd !== undefined && { cwd: values.cwd }),
    ...(values.env && { env: Object.fromEntries(values.env.map(variable)) }),
    ...(values.tty && { pty: true }),
    ...(timeout && { timeoutMs: timeout * 1_000 }),
  };
}

/** `NAME=VALUE`, or `NAME` for the value that it has here, as with docker. */
function variable(text) {
  const [, name, value] = /^([^=]+)(?:=([^]*))?$/.exec(text) ?? [];
  if (name === undefined) throw usage('--env must be NAME=VALUE, or NAME for the value here');
  if (value !== undefined) return [name, value];
  if (process.env[name] === undefined) throw usage(`--env ${name}: there is no such variable here`);
  return [name, process.env[name]];
}

/** Passes standard input on to its end. Only a failure is told: a command with half of its input must not go on. */
async function feed(input, pass, none) {
  try {
    if (!none) await readInput(pass);
  } catch (error) {
    throw new Problem(`standard input cannot be read: ${error.message}`);
  }
  input.end();
  return new Promise(() => {});
}

function forwardSignals(terminal, remote) {
  let first = true;
  for (const name of SIGNALS) {
    process.on(name, () => {
      const wasFirst = first;
      first = false;
      if (wasFirst && terminal.isAsked) return terminal.signal(name);
      if (terminal.isAsked) terminal.signal('SIGKILL');
      keyboard.restore();
      const go = () => process.exit(bySignal(name));
      setTimeout(go, LAST_WORDS_MS);
      return remote.close().then(go, go);
    });
  }
}

/** Ends a command whose output nobody wants or can take. */
async function abandon(terminal, first) {
  if (!terminal.isAsked) return;
  for (const signal of new Set([first, 'SIGTERM', 'SIGKILL'])) {
    terminal.signal(signal);
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, 'late')));
    const end = await Promise.race([terminal.exit.catch(() => undefined), late]);
    clearTimeout(timer);
    if (end !== 'late') return;
  }
}

module.exports = { exec };
