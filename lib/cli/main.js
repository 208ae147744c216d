// The command line: which command was meant, and how the process ends.
'use strict';

const { read, unknown } = require('./arguments.js');
const { COMMANDS, GLOBAL } = require('./commands.js');
const help = require('./help.js');
const { EXIT, Problem, complain, usage } = require('./problem.js');

/** Loaded when wanted: help needs none of it. */
const RUN = {
  serve: () => require('./serve/serve.js').serve,
  tail: () => require('./tail/tail.js').tail,
};

async function run(args) {
  const [first, ...rest] = args;
  if (first === undefined) {
    process.stderr.write(help.general());
    return EXIT.USAGE;
  }
  if (first === 'help') return say(topic(rest));
  if (first.startsWith('-')) {
    const { values } = read(args, { usage: 'loopwire COMMAND', positionals: [], options: GLOBAL });
    if (values.version) return say(`${require('../../package.json').version}\n`);
    return say(help.general());
  }
  const command = commandOf(first);
  const { values, positionals } = read(rest, command);
  if (values.help) return say(help.of(first));
  return RUN[/** @type {keyof typeof RUN} */ (first)]()(values, positionals);
}

function commandOf(name) {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name];
  // It may have a token in it.
  if (/^\w+:/.test(name)) throw usage('a URL comes behind the command: loopwire tail URL');
  throw unknown('command', name, Object.keys(COMMANDS));
}

function topic([name]) {
  if (name === undefined) return help.general();
  commandOf(name);
  return help.of(name);
}

function say(text) {
  // `loopwire --help | head -1` is no error.
  process.stdout.on('error', () => {});
  process.stdout.write(text);
  return EXIT.OK;
}

async function main(args) {
  try {
    process.exitCode = await run(args);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    complain(error.message);
    if (error.exitCode === EXIT.USAGE) complain('`loopwire --help` tells more');
    process.exitCode = error.exitCode;
  }
}

module.exports = { main };
