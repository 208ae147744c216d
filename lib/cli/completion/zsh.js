// The script for zsh, which has to have called compinit before.
'use strict';

const { inQuotes } = require('../quote.js');
const { branches, shape } = require('./shape.js');

const FILL = { file: '_files', directory: '_files -/', other: ':' };

/** `_describe` splits at the first colon. */
const entry = (name, text) => inQuotes(`${name.replaceAll(':', '\\:')}:${text}`);

function branch({ name, words, options }) {
  const described = options.map((option) => `        ${entry(option.name, option.help)}\n`);
  return `    ${name})
      case $previous in
${branches(options, FILL)}        *) ;;
      esac
      options=(
${described.join('')}      )
      entries=(${words.map(inQuotes).join(' ')}) ;;
`;
}

function zsh() {
  const { commands, global } = shape();
  const names = commands.map(({ name, summary }) => `        ${entry(name, summary)}\n`);
  const flags = global.map(({ name, help }) => `        ${entry(name, help)}\n`);
  return `#compdef loopwire
# Completes the commands and options of loopwire in zsh.
_loopwire() {
  local command= previous=\${words[CURRENT-1]} at
  local -a options entries
  for ((at = 2; at < CURRENT; at++)); do
    case \${words[at]} in
      # Behind it stands somebody else's command line.
      --) _default; return ;;
      -*) ;;
      *) [[ -n $command ]] || command=\${words[at]} ;;
    esac
  done
  case $command in
    '')
      options=(
${flags.join('')}      )
      entries=(
${names.join('')}      ) ;;
${commands.map(branch).join('')}    *) return 1 ;;
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe option options
  elif (( \${#entries} )); then
    _describe command entries
  fi
}
compdef _loopwire loopwire
`;
}

module.exports = { zsh };
