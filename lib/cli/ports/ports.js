// `loopwire ports`: the forwarded ports of a listener.
'use strict';

const { nearest } = require('../arguments.js');
const { listener } = require('../connect/listener.js');
const { Remote } = require('../connect/remote.js');
const { Output } = require('../output/output.js');
const { EXIT, usage } = require('../problem.js');
const { table } = require('../table.js');

const HIGHEST_PORT = 65_535;
const HEAD = ['PORT', 'STATE', 'LATENCY', 'CONNECTIONS', 'UPSTREAM', 'LAST ERROR'];

const ACTIONS = {
  rotate: ({ port, proxyId, upstream, latencyMs }) =>
    `port ${port} has the upstream ${upstream} now (${proxyId}, ${latencyMs} ms)`,
  remove: ({ port, removed }) =>
    removed ? `port ${port} is removed` : `nothing was forwarded on port ${port}`,
};

async function ports(values, [url, action, port]) {
  const data = asked(action, port);
  const where = listener(values, url, 'ports', 'the state of the ports');
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
  const rows = all.map((port) => [
    String(port.port),
    port.online ? 'online' : 'offline',
    port.latencyMs === null ? '-' : `${port.latencyMs} ms`,
    String(port.connections),
    port.upstream ?? '-',
    port.lastError ?? '-',
  ]);
  return `${table(HEAD, rows)}\n`;
}

module.exports = { ports };
