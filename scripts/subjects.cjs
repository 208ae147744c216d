// Reads the subjects of the commits since this rule began: each has at most 72 characters.
'use strict';

const { spawnSync } = require('node:child_process');
const lib = require('./lib.cjs');

/** The last commit from before the rule. */
const BASE = 'da414ad2a293f5e484fc60387a7737ea61ab7f31';
const LONGEST = 72;

/**
 * Why the subjects cannot be read here; null if they can.
 *
 * @param {string} [base]
 * @param {string} [cwd]
 */
function unreadable(base = BASE, cwd = lib.root) {
  const args = ['merge-base', '--is-ancestor', base, 'HEAD'];
  const { status } = spawnSync('git', args, { cwd, stdio: 'ignore' });
  return status === 0 ? null : `needs git and a clone with the commits since ${base}`;
}

/**
 * The commits whose subjects are too long, one a line.
 *
 * @param {string} [base]
 * @param {string} [cwd]
 * @returns {Promise<string[]>}
 */
async function tooLong(base = BASE, cwd = lib.root) {
  const args = ['log', '--format=%h %s', `${base}..HEAD`];
  const log = await lib.run('git', args, { capture: true, cwd });
  if (log.code !== 0) throw new lib.Problem(log.output);
  const lines = log.stdout.split('\n').filter(Boolean);
  return lines.filter((line) => {
    const subject = line.slice(line.indexOf(' ') + 1);
    return [...subject].length > LONGEST;
  });
}

async function main() {
  const lines = await tooLong();
  for (const line of lines) console.log(`more than ${LONGEST} characters: ${line}`);
  return lines.length > 0 ? 1 : 0;
}

module.exports = { tooLong, unreadable };

if (require.main === module) lib.cli(main);
