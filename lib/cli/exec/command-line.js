// The command line for the remote shell.
'use strict';

const { inQuotes, quoted } = require('../quote.js');

/** A shell reads these otherwise where a command begins. */
const RESERVED = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(
    ' ',
  ),
);

/** One argument is a text for the shell, as it stands. Several are the words of a command: the shell gets each as it is. */
function commandLine(words) {
  return words.length === 1 ? words[0] : words.map(word).join(' ');
}

const word = (text, at) => (at === 0 && RESERVED.has(text) ? inQuotes(text) : quoted(text));

module.exports = { commandLine };
