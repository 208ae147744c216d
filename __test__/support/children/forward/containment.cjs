// Forwarded ports where every packet is recorded: makes a fault, sends requests, prints what was sent.
'use strict';

const fs = require('node:fs');
const { absoluteForm, connectTunnel, socks5 } = require('../../../../examples/demo/requests.cjs');
const { loopwire } = require('../../harness.cjs');
const { OTHER_UPSTREAM, UPSTREAM, seal } = require('../../forward/namespace/namespace.cjs');
const { upstream } = require('../../forward/namespace/upstream.cjs');

const [fault, protocol, tools] = process.argv.slice(2);
const NAME = 'upstream.test';
const PORT = 20_000;
/** A name, and addresses that nobody has (RFC 5737, RFC 3849). */
const TARGETS = ['leak.test', '203.0.113.7', '[2001:db8::7]'];

/** Every way to every target; what came of each: a status, a SOCKS5 reply, or an error's code. */
async function ask() {
  const sends = [absoluteForm, connectTunnel, socks5];
  const asked = sends.flatMap((send) =>
    TARGETS.map(async (target) => {
      const { status, socks } = await send(PORT, `http://${target}/`);
      return socks ?? status;
    }),
  );
  const settled = await Promise.allSettled(asked);
  return settled.map(({ value, reason }) => value ?? reason.code ?? reason.message);
}

async function main() {
  const net = await seal(JSON.parse(tools));
  const [one, two] = [await upstream(protocol, UPSTREAM), await upstream(protocol, OTHER_UPSTREAM)];
  net.know(`${UPSTREAM} ${NAME}`);
  const entry = (id, host, { port }) => ({ id, protocol, host, port });
  const file = net.file('proxies.json');
  const list = [
    entry('one', UPSTREAM, one),
    entry('two', OTHER_UPSTREAM, two),
    entry('named', NAME, one),
    { id: 'direct', protocol: 'direct' },
  ];
  fs.writeFileSync(file, JSON.stringify(list));
  loopwire.setAPIHost(`file://${file}`);
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', PORT, 1);
  // Checks of the engine's own are traffic, too.
  loopwire.configure({
    connectTimeoutMs: 1_500,
    handshakeTimeoutMs: 300,
    idleTimeoutMs: 600,
    idleCheckMs: 100,
  });
  const first = { direct: 'direct', unresolved: 'named' }[fault] ?? 'one';
  const forwarded = await loopwire.createWithId(PORT, first);

  /** What is done while the clients ask. Whatever is not named here is a temper of the upstream's. */
  const meanwhile = {
    direct: () => {},
    unresolved: () => net.know(),
    removed: () => loopwire.removePort(PORT),
    shutdown: () => loopwire.shutdown(),
    rotation: () => loopwire.createWithId(PORT, 'two'),
    'failed rotation': () => {
      two.become('dead');
      return loopwire.createWithId(PORT, 'two');
    },
  };
  const during = meanwhile[fault] ?? (() => one.become(fault));
  const before = ask();
  await during();
  const answers = [...(await before), ...(await ask())];
  const after = await ask();
  await loopwire.shutdown();
  const { flows, dropped } = await net.seen();
  net.end();
  const ports = { local: PORT, one: one.port, two: two.port };
  const told = JSON.stringify({ forwarded, answers, after, flows, dropped, ports });
  // The upstreams' servers would keep it alive.
  process.stdout.write(`${told}\n`, () => process.exit());
}

main();
