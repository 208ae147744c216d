// The script for fish.
'use strict';

const { shape } = require('./shape.js');

/** Between single quotes fish knows two escapes. */
const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const FILL = { file: ' -r -F', directory: " -x -a '(__fish_complete_directories)'", other: ' -x' };

function option({ name, short, help, value }, condition) {
  const letter = short ? ` -s ${short.slice(1)}` : '';
  const fill = value ? FILL[value] : '';
  return `complete -c loopwire -n ${quoted(condition)} -l ${name.slice(2)}${letter}${fill} -d ${quoted(help)}\n`;
}

function fish() {
  const { commands, global } = shape();
  const none = '__loopwire_needs_command';
  const lines = [
    ...global.map((one) => option(one, none)),
    ...commands.map(
      ({ name, summary }) => `complete -c loopwire -n ${none} -a ${name} -d ${quoted(summary)}\n`,
    ),
    ...commands.flatMap(({ name, words, options }) => [
      ...options.map((one) => option(one, `__loopwire_runs ${name}`)),
      ...words.map(
        (word) => `complete -c loopwire -n ${quoted(`__loopwire_runs ${name}`)} -a ${word}\n`,
      ),
    ]),
  ];
  return `# Completes the commands and options of loopwire in fish.
function __loopwire_command
    for word in (commandline -opc)[2..]
        switch $word
            case '-*'
            case '*'
                echo $word
                return
        end
    end
end
function __loopwire_needs_command
    test -z (__loopwire_command)
end
function __loopwire_runs
    # Behind -- stands somebody else's command line.
    not contains -- -- (commandline -opc); and test "$(__loopwire_command)" = $argv[1]
end
complete -c loopwire -f
# And there names of files are as good a guess as any.
complete -c loopwire -n 'contains -- -- (commandline -opc)' -F
${lines.join('')}`;
}

module.exports = { fish };
