// The help, made from the table of commands so that it is complete.
'use strict';

const { COMMANDS, GLOBAL } = require('./commands.js');

/** Two aligned columns. */
function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

const row = ([name, { short, value, help }]) => [
  `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
  help,
];

function general() {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]);
  return `loopwire: every event of a native engine, over a WebSocket on this machine.

Usage: loopwire COMMAND [options]

Commands:
${columns(commands)}

Options:
${columns(Object.entries(GLOBAL).map(row))}

Environment:
${columns([
  ['LOOPWIRE_TOKEN', 'the token, if no --token-file is given'],
  ['NO_COLOR', 'no colours; FORCE_COLOR: colours also if the output is not a terminal'],
])}

Exit codes: 0 success, also after Ctrl+C; 1 an error at run time; 2 a wrong command line. Of exec and attach: the
command's own; 125 an error or a wrong command line.
`;
}

function of(name) {
  const { usage, summary, about, examples, options } = COMMANDS[name];
  return `Usage: ${usage}

${summary[0].toUpperCase()}${summary.slice(1)}.

${about.join('\n')}

Options:
${columns(Object.entries(options).map(row))}

Examples:
${examples.map(([line, what]) => `  # ${what}\n  ${line}`).join('\n')}
`;
}

module.exports = { general, of };
