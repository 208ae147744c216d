// `loopwire ports`: the forwarded ports of a listener.
'use strict';

const { nearest } = require('../arguments.js');
const { listener } = require('../connect/listener.js');
const { Remote } = require('../connect/remote.js');
const { Output } = require('../output/output.js');
const { EXIT, complain, usage } = require('../problem.js');
const { onStop } = require('../signals.js');
const { Table, table } = require('../table.js');
const { watch } = require('./watch.js');

const HIGHEST_PORT = 65_535;
const HEAD = ['PORT', 'STATE', 'LATENCY', 'CONNECTIONS', 'UPSTREAM', 'LAST ERROR'];
/** Of a table whose later rows are not known yet: as wide as most cells are. */
const WIDTHS = [5, 7, 8, 11, 28, 0];
/** How long printing the last lines may take after a signal: Ctrl+C must not wait for a pager. */
const LAST_LINES_MS = 500;

const ACTIONS = {
  rotate: ({ port, proxyId, upstream, latencyMs }) =>
    `port ${port} has the upstream ${upstream} now (${proxyId}, ${latencyMs} ms)`,
  remove: ({ port, removed }) =>
    removed ? `port ${port} is removed` : `nothing was forwarded on port ${port}`,
};

async function ports(values, [url, action, port]) {
  const data = asked(action, port);
  if (values.watch && action !== undefined) throw usage(`--watch and ${action} exclude each other`);
  const where = listener(values, url, 'ports', 'the state of the ports');
  return values.watch ? follow(where, values.json) : once(where, { action, data, values });
}

async function once(where, { action, data, values }) {
  const remote = new Remote(where);
  const output = new Output();
  remote.start();
  try {
    const reply = remote.request(`port:${action ?? 'list'}`, data, { repeat: action !== 'rotate' });
    const answer = await Promise.race([reply, remote.failed]);
    const pretty = !values.json && (output.isTerminal || action !== undefined);
    output.put(action ? told(action, answer, pretty) : listed(answer.ports, values.json));
  } finally {
    await remote.close();
  }
  await output.end();
  return EXIT.OK;
}

/** Prints the ports and their changes until a signal comes, the reader leaves, or there is no listener any more. */
async function follow(where, json) {
  // As with `tail`, it waits for a listener that is gone, however long that takes.
  const remote = new Remote(where, { patienceMs: Infinity, note: complain });
  const output = new Output();
  const stopped = new Promise((resolve) => onStop(resolve));
  const rows = new Table(HEAD, WIDTHS);
  const line = json ? (one) => JSON.stringify(one) : (one) => rows.row(cells(one));
  // Not before there is a connection.
  let head = json ? '' : `${rows.head()}\n`;
  const tell = async (changed) => {
    const text = head + changed.map((one) => `${line(one)}\n`).join('');
    head = '';
    if (text !== '') await output.write(text);
  };
  const watching = watch(remote, tell);
  remote.start();
  try {
    await Promise.race([watching, remote.failed, stopped, output.over]);
  } finally {
    await remote.close();
  }
  await output.end(LAST_LINES_MS);
  // Do not wait for what still runs, such as a pager that does not read.
  return process.exit(EXIT.OK);
}

function asked(action, port) {
  if (action === undefined) return {};
  if (!Object.hasOwn(ACTIONS, action)) {
    const near = nearest(action, Object.keys(ACTIONS));
    const hint = near ? `did you mean ${near}?` : 'there are rotate and remove';
    throw usage(`ports has no action of this name; ${hint}`);
  }
  if (port === undefined) throw usage(`PORT is missing: loopwire ports URL ${action} PORT`);
  const value = /^\d{1,5}$/.test(port) ? Number(port) : NaN;
  if (value >= 1 && value <= HIGHEST_PORT) return { port: value };
  throw usage(`PORT must be a whole number from 1 to ${HIGHEST_PORT}`);
}

const told = (action, answer, pretty) =>
  pretty ? `${ACTIONS[action](answer)}\n` : `${JSON.stringify(answer)}\n`;

function listed(all, json) {
  if (json) return all.map((port) => `${JSON.stringify(port)}\n`).join('');
  if (all.length === 0) return 'no port is forwarded\n';
  return `${table(HEAD, all.map(cells))}\n`;
}

function cells(port) {
  if (port.removed) return [String(port.port), 'removed', '-', '-', '-', '-'];
  return [
    String(port.port),
    port.online ? 'online' : 'offline',
    port.latencyMs === null ? '-' : `${port.latencyMs} ms`,
    String(port.connections),
    port.upstream ?? '-',
    port.lastError ?? '-',
  ];
}

module.exports = { ports };
