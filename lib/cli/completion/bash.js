// The script for bash, 3.2 or newer.
'use strict';

const { inQuotes } = require('../quote.js');
const { branches, shape } = require('./shape.js');

const FILL = {
  file: 'COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null',
  directory: 'COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null',
  other: ':',
};

function branch({ name, words, options }) {
  const known = options.map((option) => option.name).join(' ');
  return `    ${name})
      case $prev in
${branches(options, FILL)}        *) ;;
      esac
      options=${inQuotes(known)} words=${inQuotes(words.join(' '))} ;;
`;
}

function bash() {
  const { commands, global } = shape();
  const names = commands.map(({ name }) => name).join(' ');
  const flags = global.map(({ name }) => name).join(' ');
  return `# Completes the commands and options of loopwire in bash.
_loopwire() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command= options= words= at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      # Behind it stands somebody else's command line.
      --) compopt -o default 2>/dev/null; return ;;
      -*) ;;
      *) [ -n "$command" ] || command=\${COMP_WORDS[at]} ;;
    esac
  done
  case $command in
    '') options=${inQuotes(flags)} words=${inQuotes(names)} ;;
${commands.map(branch).join('')}    *) return ;;
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _loopwire loopwire
`;
}

module.exports = { bash };
