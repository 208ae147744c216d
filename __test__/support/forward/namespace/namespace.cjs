// A network and mount namespace of this process, in which every packet that leaves is recorded.
//
// Addresses of upstreams are on the loopback interface. Everything else goes out by a default route, into a
// cable that nobody reads: what is sent there is counted, not refused.
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

/** The upstreams' addresses, and the resolver's, which is as far away as the rest of the world. */
const UPSTREAM = '10.77.0.9';
const OTHER_UPSTREAM = '10.77.0.10';
const RESOLVER = '10.99.0.53';

const LINKS = `
link set lo up
addr add ${UPSTREAM}/32 dev lo
addr add ${OTHER_UPSTREAM}/32 dev lo
link add out0 type veth peer name out1
link set out0 up
link set out1 up
addr add 10.66.0.2/24 dev out0
neigh add 10.66.0.1 lladdr 02:00:00:00:00:01 dev out0
route add default via 10.66.0.1
`;
/** Not every machine has IPv6. */
const LINKS_6 = `
addr add fd66::2/64 dev out0 nodad
neigh add fd66::1 lladdr 02:00:00:00:00:01 dev out0
route add default via fd66::1
`;

/** @param {string} file @param {string} place what the file stands for from now on @param {string} text */
function replace(file, place, text) {
  fs.writeFileSync(file, text);
  execFileSync('mount', ['--bind', file, place]);
}

/**
 * Makes the network and begins to look.
 *
 * @param {{ip: string, python: string}} tools
 */
async function seal({ ip, python }) {
  execFileSync(ip, ['-batch', '-'], { input: LINKS });
  const six = { input: LINKS_6, stdio: /** @type {const} */ (['pipe', 'ignore', 'ignore']) };
  if (fs.existsSync('/proc/self/net/if_inet6')) execFileSync(ip, ['-6', '-batch', '-'], six);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-namespace-'));
  const file = (name) => path.join(folder, name);
  // Over before a test loses patience.
  const resolver = `nameserver ${RESOLVER}\noptions timeout:1 attempts:1\n`;
  replace(file('resolv.conf'), '/etc/resolv.conf', resolver);
  const hosts = file('hosts');
  replace(hosts, '/etc/hosts', '127.0.0.1 localhost\n');

  const script = path.join(__dirname, 'capture.py');
  const capture = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: capture.stdout });
  await once(lines, 'line');
  return {
    /** A place for a file, until the end. */
    file,
    /** Has names known here, and nowhere else. */
    know: (...entries) => fs.writeFileSync(hosts, `127.0.0.1 localhost\n${entries.join('\n')}\n`),
    /** What has been sent since the beginning. */
    async seen() {
      capture.stdin.write('\n');
      const [line] = await once(lines, 'line');
      return JSON.parse(line);
    },
    end() {
      capture.stdin.end();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { OTHER_UPSTREAM, RESOLVER, UPSTREAM, seal };
