// `loopwire attach`: continues a terminal that runs in the workspace of a listener.
'use strict';

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
    const typed = pass(terminal, keys);
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

/** Passes on what is typed. Resolves when the detach keys were; the end of the input is told to the command. */
function pass(terminal, keys) {
  const decoder = new TextDecoder();
  return new Promise((resolve, reject) => {
    let over = false;
    // It is not left in the middle, which would close standard input before its terminal is set back.
    const typed = readInput(async (bytes) => {
      if (over) return;
      const { bytes: rest, detach } = keys.pass(bytes);
      over = detach;
      const text = decoder.decode(rest, { stream: true });
      if (text !== '') await terminal.type(text);
      if (detach) resolve('detached');
    });
    typed
      .then(() => over || terminal.eof())
      .catch((error) => reject(new Problem(`what is typed is not passed on: ${error.message}`)));
  });
}

module.exports = { attach };
