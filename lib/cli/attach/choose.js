// Which terminal is meant.
'use strict';

const { Problem } = require('../problem.js');
const { table } = require('../table.js');

/**
 * The terminal with that id, or the one that runs.
 *
 * @param {{id: string | number, running: boolean, pty: boolean, command?: string, cwd: string}[]} all
 * @param {string | undefined} wanted
 */
function choose(all, wanted) {
  const running = all.filter((one) => one.running);
  if (wanted !== undefined) {
    // A number and a text may look the same; the text is meant then.
    const named = all.filter(({ id }) => String(id) === wanted);
    const found = named.find(({ id }) => typeof id === 'string') ?? named[0];
    if (found) return found;
    throw new Problem(`there is no terminal ${shown(wanted)}${list(running)}`);
  }
  if (running.length === 1) return running[0];
  if (running.length === 0) throw new Problem('no terminal runs in this workspace');
  throw new Problem(`${running.length} terminals run: give the ID of one${list(running)}`);
}

function list(terminals) {
  if (terminals.length === 0) return '; none runs';
  const rows = terminals.map(({ id, pty, cwd, command = 'shell' }) => [
    shown(String(id)),
    pty ? 'terminal' : 'pipes',
    shown(cwd),
    shown(command),
  ]);
  return `:\n${table(['ID', 'KIND', 'DIRECTORY', 'COMMAND'], rows)}`;
}

/** In one line, and of a bearable length. */
const shown = (text) => text.replace(/\s+/g, ' ').slice(0, 60);

module.exports = { choose };
