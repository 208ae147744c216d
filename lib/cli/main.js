// The command line: runs the command and sets the exit code.
'use strict';

const { read, unknown } = require('./arguments.js');
const { COMMANDS, GLOBAL } = require('./commands.js');
const help = require('./help.js');
const { EXIT, Problem, complain, usage } = require('./problem.js');

/** Loaded on demand: the help needs none of them. */
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
  // The URL is not shown: it may contain a token.
  if (/^\w+:/.test(name)) throw usage('a URL comes after the command: loopwire tail URL');
  throw unknown('command', name, Object.keys(COMMANDS));
}

function topic([name]) {
  if (name === undefined) return help.general();
  commandOf(name);
  return help.of(name);
}

function say(text) {
  // `loopwire --help | head -1` is not an error.
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
    if (error.exitCode === EXIT.USAGE) complain('see `loopwire --help`');
    process.exitCode = error.exitCode;
  }
}

module.exports = { main };
