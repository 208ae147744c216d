// What the demo shows, step by step.
'use strict';

const { absoluteForm, connectTunnel, socks5 } = require('./requests.cjs');

/** @typedef {InstanceType<typeof import('./stage.cjs').Stage>} Stage */
/** @typedef {import('./stage.cjs').Name} Name */

/** @type {[name: string, send: typeof socks5][]} */
const WAYS = [
  ['HTTP', absoluteForm],
  ['CONNECT', connectTunnel],
  ['SOCKS5', socks5],
];

/**
 * Sends one request through a forwarded port and says how it went.
 *
 * @param {Stage} stage
 * @param {Name} name
 * @param {number} way
 */
async function request(stage, name, way) {
  const [kind, send] = WAYS[way % WAYS.length];
  const port = stage.ports[name];
  const begun = performance.now();
  const { status, body, socks } = await send(port, stage.page).catch((error) => ({
    status: 0,
    body: '',
    socks: error.message,
  }));
  const took = `${(performance.now() - begun).toFixed(1)} ms`;
  const said = status === 200 ? `200 "${body}"` : status || `refused (${socks})`;
  const text = `GET by ${kind} through ${port}: ${said}, ${took}`;
  stage.screen.remark(text, status === 200 ? undefined : 'red');
  return status === 200;
}

/** @param {Stage} stage */
async function forward(stage) {
  const { ports, screen, streams, upstreams } = stage;
  const { web, socks } = upstreams;
  await screen.title(
    'Three ports are forwarded',
    `web: an HTTP proxy with a password on ${web.port} · socks: a SOCKS5 proxy on ${socks.port} · ` +
      `spare: nobody listens on ${upstreams.spare.port}`,
  );
  stage.takeRange();
  await streams.expect(['settingPortChange', `${ports.web}:3`]);
  for (const name of /** @type {const} */ (['web', 'socks'])) {
    await stage.forward(name);
    await streams.expect(['portStateUpdate', ports[name]], ['forwardListCompleted', name]);
  }
  await stage.forward('spare');
  await streams.expect(['proxyError', 'spare:req_proxy_config_error@upstream unreachable']);
}

/** @param {Stage} stage */
async function traffic(stage) {
  await stage.screen.title(
    'Real requests through the forwarded ports',
    'Each port speaks all three; only the upstreams can resolve the name. No event: nothing changed.',
  );
  for (const name of /** @type {const} */ (['web', 'socks'])) {
    for (const way of WAYS.keys()) {
      if (!(await request(stage, name, way))) stage.streams.problem('a request failed');
    }
  }
}

/** @param {Stage} stage */
async function killed(stage) {
  const { origin, ports, screen, streams, upstreams } = stage;
  await screen.title(
    'The SOCKS5 upstream is killed, and a request finds out',
    'The request fails: a dead upstream never becomes a direct connection.',
  );
  await upstreams.socks.stop();
  const before = origin.asked.length;
  const passed = await request(stage, 'socks', 0);
  if (passed || origin.asked.length > before) streams.problem('a request went past its upstream');
  await streams.expect(['portStateUpdate', ports.socks]);

  await screen.title('It is started again, and the next request brings the port back');
  streams.mark();
  await upstreams.socks.start();
  await request(stage, 'socks', 2);
  await streams.expect(['portStateUpdate', ports.socks]);
}

/** @param {Stage} stage */
async function idle(stage) {
  const { ports, screen, streams, upstreams } = stage;
  await screen.title('The HTTP upstream is killed while nobody uses it: a check finds out');
  await upstreams.web.stop();
  await streams.expect(['portStateUpdate', ports.web]);

  await screen.title('It is started again: a probe finds out, after a second or so');
  streams.mark();
  await upstreams.web.start();
  await streams.expect(['portStateUpdate', ports.web]);
}

/** @param {Stage} stage */
async function late(stage) {
  const { ports, screen, streams, upstreams } = stage;
  await screen.title('The dead one comes to life: the same call again succeeds');
  await upstreams.spare.start();
  await stage.forward('spare');
  await streams.expect(['portStateUpdate', ports.spare], ['forwardListCompleted', 'spare']);
  await request(stage, 'spare', 1);
}

/** @param {Stage} stage */
async function own(stage) {
  await stage.screen.title("The application's own event goes the same way");
  stage.emit('demo:greeting', { to: 'everybody' });
  await stage.streams.expect(['demo:greeting']);
}

/** @param {Stage} stage */
async function stopped(stage) {
  const { ports, screen, streams } = stage;
  await screen.title('All ports are removed');
  streams.mark();
  stage.stopProxy();
  for (const port of Object.values(ports)) await streams.expect(['portStateUpdate', port]);
}

module.exports = { request, steps: [forward, traffic, killed, idle, late, own], stopped };
