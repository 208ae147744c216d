// `loopwire attach`: continues a terminal that runs in the workspace of a listener.
'use strict';

const { setTimeout: delay } = require('node:timers/promises');
const { listener } = require('../connect/listener.js');
const { Remote } = require('../connect/remote.js');
const { Output } = require('../output/output.js');
const { EXIT, Problem, complain } = require('../problem.js');
const { onStop } = require('../signals.js');
const { exitCode } = require('../terminal/exit-code.js');
const keyboard = require('../terminal/keyboard.js');
const { RemoteTerminal } = require('../terminal/remote-terminal.js');
const { readInput, session } = require('../terminal/session.js');
const { DetachKeys } = require('./detach-keys.js');
const { choose } = require('./choose.js');

/** How many characters may be on their way: more than anybody types while a connection is lost, and a bound for what is pasted. */
const MOST_TYPED = 64 << 10;
/** How long keys that were typed before the detach keys may take to arrive. */
const LAST_KEYS_MS = 1_000;

async function attach(values, [url, wanted]) {
  const keys = new DetachKeys(values['detach-keys']);
  const where = listener(values, url, 'attach');
  const outputs = { stdout: new Output(1), stderr: new Output(2) };
  await session(outputs, async () => {
    const remote = new Remote(where, { binary: true, note: keyboard.note });
    const stopped = new Promise((resolve) => onStop(() => resolve('stopped')));
    remote.start();
    const found = await Promise.race([find(remote, wanted), remote.failed, stopped]);
    if (found === 'stopped') return EXIT.OK;
    const { id, pty } = found;
    const size = pty && keyboard.isTerminal() ? keyboard.size() : undefined;
    const write = (source, bytes) => outputs[source].write(bytes);
    const ready = () => pty && keyboard.makeRaw();
    const terminal = new RemoteTerminal(remote, { id, size }, { write, ready });
    if (size) keyboard.onResize((now) => terminal.resize(now));
    const left = Promise.race([outputs.stdout.over, outputs.stderr.over]).then(() => 'left');
    const typed = pass(terminal, keys, (bytes) => keyboard.givesUp(remote, bytes));
    const end = await Promise.race([terminal.exit, typed, stopped, left]);
    if (typeof end === 'object') return exitCode(end);
    terminal.detach();
    keyboard.restore();
    await remote.close();
    if (end === 'detached') complain(`detached; ${id} runs on`);
    return EXIT.OK;
  });
}

/** The terminal to attach to. */
async function find(remote, wanted) {
  const { terminals } = await remote.request('terminal:list', {}, { repeat: true });
  return choose(terminals, wanted);
}

/**
 * Passes on what is typed. Resolves when the detach keys were, or what gives up a lost connection; the end of the input is told
 * to the command.
 */
function pass(terminal, keys, givesUp) {
  const decoder = new TextDecoder();
  return new Promise((resolve, reject) => {
    const fail = (error) => reject(new Problem(`what is typed is not passed on: ${error.message}`));
    let over = false;
    let waiting = 0;
    // It is not left in the middle, which would close standard input before its terminal is set back.
    const typed = readInput(async (bytes) => {
      if (over) return;
      if (givesUp(bytes)) {
        over = true;
        return resolve('given up');
      }
      const { bytes: rest, detach } = keys.pass(bytes);
      over = detach;
      const text = decoder.decode(rest, { stream: true });
      waiting += text.length;
      const sent =
        text === '' ? undefined : terminal.type(text).then(() => (waiting -= text.length));
      sent?.catch(fail);
      // The detach keys must be seen while the connection is lost, too.
      if (waiting > MOST_TYPED) await sent;
      if (detach) await Promise.race([sent, delay(LAST_KEYS_MS, undefined, { ref: false })]);
      if (detach) resolve('detached');
    });
    typed.then(() => over || terminal.eof()).catch(fail);
  });
}

module.exports = { attach };
