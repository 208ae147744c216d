// `loopwire ports --watch`: each port once, and again whenever it has changed.
'use strict';

/** After these the list of ports may be another one. Behind a gap, and on a new connection, any of them may be missing. */
const TELLING = ['portStateUpdate', 'portRemoved', 'gap', 'open'];
/** What changes all the time, and is no reason for a line. */
const FLEETING = new Set(['latencyMs', 'connections', 'streams']);

/** What of a port counts: equal texts, no line. */
const state = (port) =>
  JSON.stringify(Object.entries(port).filter(([name]) => !FLEETING.has(name)));

/** The ports that are not as they were, and those that are gone. */
function changes(known, ports) {
  const found = ports.filter((port) => known.get(port.port) !== state(port));
  const left = new Set(ports.map(({ port }) => port));
  const gone = [...known.keys()].filter((port) => !left.has(port));
  for (const port of gone) known.delete(port);
  for (const port of found) known.set(port.port, state(port));
  return [...gone.map((port) => ({ port, removed: true })), ...found];
}

/**
 * Gives `tell` the ports that have changed, at first all, for as long as there is a connection. While `tell` waits, changes
 * are not queued: the next look sees what has become of them.
 *
 * @param {import('../connect/remote.js').Remote} remote
 * @param {(changed: Record<string, any>[]) => Promise<void>} tell
 */
async function watch(remote, tell) {
  const known = new Map();
  let due = false;
  let wake;
  for (const name of TELLING) {
    remote.on(name, () => {
      due = true;
      wake?.();
    });
  }
  for (;;) {
    if (!due) await new Promise((resolve) => (wake = resolve));
    due = false;
    const { ports } = await remote.request('port:list', {}, { repeat: true });
    await tell(changes(known, ports));
  }
}

module.exports = { changes, watch };
