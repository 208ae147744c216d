// Row: a terminal's output to one client.
'use strict';
const { execFileSync } = require('node:child_process');
const paths = require('../../lib/paths.cjs');
const { Client, cpu, serve } = require('../../lib/terminal/client.cjs');

const MIB = 256;
/** As compilers and servers write: lines of 72 bytes. */
const LINE = 'the quick brown fox jumps over the lazy dog, and it does so once more..';

async function measure(name, { of }, { pty, flags }) {
  const mib = of(MIB);
  const server = await serve(name);
  const client = await Client.connect(server.port, flags);
  const command = `yes '${LINE}' | head -c ${mib}M`;
  await client.run('warm', `yes '${LINE}' | head -c 4M`, { pty });
  client.bytes = 0;
  const [before, start] = [cpu(server.pid), process.hrtime.bigint()];
  await client.run('timed', command, { pty });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = cpu(server.pid) - before;
  if (client.bytes < mib * 2 ** 20) throw new Error(`Error: ${client.bytes} bytes of ${mib} MiB`);
  server.stop();
  return { rate: (mib * 1.048576) / seconds, cost: used / (mib / 1024) };
}

/** What the kernel allows: a reader of the PTY that throws the bytes away, without a server and without a client. */
async function discard({ of }) {
  const mib = of(MIB);
  const output = execFileSync(paths.discard, [`yes '${LINE}' | head -c ${mib}M`]);
  const { bytes, seconds, cpu: used } = JSON.parse(output);
  if (bytes < mib * 2 ** 20) throw new Error(`Error: ${bytes} bytes of ${mib} MiB`);
  return { rate: (mib * 1.048576) / seconds, cost: used / (mib / 1024) };
}

const subject = (title, name, more) => ({
  title,
  loopwire: name === 'loopwire' ? 'shipped' : undefined,
  run: (options) => measure(name, options, more),
});

module.exports = {
  name: 'terminal-output',
  title: `${MIB} MiB of lines from a command to one client`,
  base: 'node-pty',
  columns: [
    { key: 'rate', title: 'MB/s' },
    { key: 'cost', title: 'CPU s/GiB of the server' },
  ],
  subjects: {
    discard: { title: 'a reader that discards, PTY', run: discard },
    'node-pty': subject('node-pty + ws', 'node-pty', { pty: true }),
    'loopwire-pty': subject('Loopwire, PTY', 'loopwire', { pty: true }),
    'loopwire-pty-binary': subject('Loopwire, PTY, binary', 'loopwire', {
      pty: true,
      flags: '&binary=true',
    }),
    spawn: subject('child_process + ws', 'spawn', { pty: false }),
    'loopwire-pipes': subject('Loopwire, pipes', 'loopwire', { pty: false }),
    'loopwire-pipes-binary': subject('Loopwire, pipes, binary', 'loopwire', {
      pty: false,
      flags: '&binary=true',
    }),
  },
  goals: [
    { of: 'loopwire-pty', key: 'rate', against: 'node-pty', atLeast: 3 },
    { of: 'loopwire-pty', key: 'rate', against: 'discard', atLeast: 0.9 },
    { of: 'loopwire-pipes', key: 'rate', against: 'node-pty', atLeast: 3 },
  ],
};
