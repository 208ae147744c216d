// The processes of a session, by Linux's /proc.
'use strict';

const fs = require('node:fs');
const { until } = require('../until.cjs');

/**
 * The processes of these sessions that are not zombies: those wait for a parent that may be anybody (proc(5): state,
 * parent, group, session).
 *
 * @param {number[]} sessions
 */
function members(sessions) {
  return fs.readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    let stat;
    try {
      stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      return false;
    }
    const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && sessions.includes(Number(session));
  });
}

/** Waits until none is left. @param {number[]} sessions */
async function gone(sessions) {
  await until(() => members(sessions).length === 0, `the end of the sessions ${sessions}`);
}

module.exports = { gone, members };
