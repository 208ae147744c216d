// The end of a process under load: by itself, by process.exit(), by an exception or a signal.
'use strict';

const net = require('node:net');
const { once } = require('node:events');
const { performance } = require('node:perf_hooks');
const { start } = require('../support/process/child.cjs');
const { when } = require('../support/needs.cjs');

const posix = when(process.platform !== 'win32', 'signals');

/** Starts a program, ends it, and says how and how long after it was asked to. */
async function end(name, how, signal) {
  const program = start(name, { args: [signal ? 'wait' : how] });
  const told = await program.next();
  const asked = performance.now();
  if (signal) program.process.kill(signal);
  const ended = await program.ended;
  return { ...ended, ms: performance.now() - asked, told };
}

async function isFree(port) {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

posix.describe('under full load', () => {
  const TIMES = process.env.LOOPWIRE_SOAK ? 100 : 30;

  test.each([
    ['process.exit()', 'exit', undefined, { code: 7, signal: null }],
    ['an uncaught exception', 'throw', undefined, { code: 1, signal: null }],
    ['SIGINT', 'wait', 'SIGINT', { code: null, signal: 'SIGINT' }],
    ['SIGTERM', 'wait', 'SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['SIGKILL', 'wait', 'SIGKILL', { code: null, signal: 'SIGKILL' }],
  ])(
    '%s ends the process as it would without us',
    async (_, how, signal, wanted) => {
      const [ours, nodes] = [[], []];
      for (let time = 0; time < 5; time += 1)
        nodes.push((await end('channel/idle', how, signal)).ms);
      const once = async () => {
        const { ms, told, errors, ...ended } = await end('channel/loaded', how, signal);
        expect(ended).toEqual(wanted);
        expect(errors).toMatch(how === 'throw' ? /of the application/ : /^$/);
        expect(told.ours).toEqual([]);
        await isFree(told.port);
        ours.push(ms);
      };
      // Two at a time: most of each is the start of a Node.
      for (let time = 0; time < TIMES; time += 2) await Promise.all([once(), once()]);
      expect(median(ours) - median(nodes)).toBeLessThan(200);
    },
    120_000,
  );
});

describe('a process', () => {
  test.each(['close', 'unref', 'shutdown', 'stop'])('ends by itself after %s', async (how) => {
    expect(await start('channel/finishing', { args: [how] }).ended).toEqual({
      code: 0,
      signal: null,
      errors: '',
    });
  });

  test('ends with code 1 after an uncaught exception, and prints it', async () => {
    const { code, errors } = await start('channel/finishing', { args: ['exception'] }).ended;
    expect(code).toBe(1);
    expect(errors).toContain('of the application');
  });

  test('is kept alive by an open listener', async () => {
    const program = start('channel/finishing', { args: ['stay'] });
    const { port } = await program.next();
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const ended = await Promise.race([
      program.ended,
      new Promise((resolve) => setTimeout(resolve, 300, 'alive')),
    ]);
    expect(ended).toBe('alive');
    socket.destroy();
    program.process.kill();
    await program.ended;
  });
});
