// The command line: runs the command and sets the exit code.
'use strict';

const { read, unknown } = require('./arguments.js');
const { COMMANDS, GLOBAL } = require('./commands.js');
const help = require('./help.js');
const { Output } = require('./output/output.js');
const { closeGoneAtExit } = require('./output/terminals.js');
const { EXIT, report, usage, warn } = require('./problem.js');

/** Loaded on demand: the help needs none of them. */
const RUN = {
  attach: () => require('./attach/attach.js').attach,
  completion: () => require('./completion/completion.js').completion,
  exec: () => require('./exec/exec.js').exec,
  ports: () => require('./ports/ports.js').ports,
  serve: () => require('./serve/serve.js').serve,
  tail: () => require('./tail/tail.js').tail,
};

async function run(args) {
  const [first, ...rest] = args;
  if (first === undefined) {
    warn(help.general());
    return EXIT.USAGE;
  }
  if (first === 'help') return say(topic(rest));
  if (first.startsWith('-')) {
    // Node's own letter is the small one, and that of many others the capital one.
    const alike = args.map((one) => (one === '-V' ? '-v' : one));
    const { values } = read(alike, { usage: 'loopwire COMMAND', positionals: [], options: GLOBAL });
    if (values.version) return say(`${require('../../package.json').version}\n`);
    return say(help.general());
  }
  const command = commandOf(first);
  const { values, positionals, words } = read(rest, command);
  if (values.help) return say(help.of(first));
  return RUN[/** @type {keyof typeof RUN} */ (first)]()(values, positionals, words);
}

function commandOf(name) {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name];
  // The URL is not shown: it may contain a token.
  if (/^\w+:/.test(name)) throw usage('a URL comes after the command: loopwire tail URL');
  throw unknown('command', name, Object.keys(COMMANDS));
}

function topic([name]) {
  if (name === undefined) return help.general();
  commandOf(name);
  return help.of(name);
}

async function say(text) {
  const output = new Output();
  output.put(text);
  await output.end();
  return EXIT.OK;
}

/** The exit code for problems, of a command whose other codes are those of another program. */
const ownCode = (name) => (COMMANDS[name]?.ownCodes ? EXIT.NOT_RUN : undefined);

async function main(args) {
  closeGoneAtExit();
  try {
    process.exitCode = await run(args);
  } catch (error) {
    const name = Object.hasOwn(COMMANDS, args[0] ?? '') ? args[0] : undefined;
    process.exitCode = report(error, ownCode(name), name);
  }
}

module.exports = { main };
