// Forwarded ports while the JavaScript thread is blocked, or the process has no descriptors left.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const WebSocket = require('ws');
const { connectTunnel } = require('../../../examples/demo/requests.cjs');
const { httpUpstream, origin, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { start } = require('../../support/process/child.cjs');
const {
  after,
  deadPort,
  entry,
  event,
  forwarding,
  loopwire,
  provide,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');
const { needs, tool } = require('../../support/needs.cjs');
const { dial } = require('../../support/channel/sockets.cjs');
const { body, perSecond, transfers } = require('../../support/forward/transfers.cjs');

/** As long as a person looks at a breakpoint at the least. */
const BLOCKED_MS = 5_000;

/** A child that ends with its test. */
function child(name, options) {
  const program = start(name, options);
  after(async () => {
    program.process.stdin.end();
    await program.ended;
  });
  return program;
}

test('a thread that is blocked for five seconds: transfers go on in each of them', async () => {
  const file = path.join(__dirname, '..', '..', 'support', 'forward', 'transfers.cjs');
  const peer = fork(file, { execArgv: [] });
  after(() => peer.disconnect());
  const [{ upstream }] = await once(peer, 'message');
  const { heard, start: port } = await forwarding({ list: [entry('1', 'socks5', upstream)] });
  expect(await loopwire.createWithId(port, '1')).toBe(0);
  await heard.until((texts) => texts.length === 2);

  await new Promise((resolve) => peer.send({ port }, resolve));
  const begin = Date.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS);
  const end = Date.now();
  peer.send({});
  const [{ done, errors }] = await once(peer, 'message');
  expect(errors).toEqual([]);
  // The first one holds the other process's start, too.
  for (const count of perSecond(done, begin, end).slice(1)) expect(count).toBeGreaterThan(0);
});

test('a debugger that stops in the callback: transfers go on, and no event is lost', async () => {
  const upstream = await serve(socksUpstream());
  const web = await serve(body());
  const port = await deadPort();
  const provider = provide([entry('1', 'socks5', upstream.port)]);
  const program = child('forward/paused', {
    args: [provider, `${port}`],
    flags: ['--inspect=127.0.0.1:0'],
  });
  let said = '';
  program.process.stderr.on('data', (text) => (said += text));
  await program.next();
  const [url] = /ws:\/\/\S+/.exec(said);
  const inspector = new WebSocket(url);
  after(() => inspector.terminate());
  await once(inspector, 'open');
  const stops = [];
  const scripts = new Map();
  inspector.on('message', (text) => {
    const { method, params } = JSON.parse(text);
    if (method === 'Debugger.scriptParsed') scripts.set(params.scriptId, params.url);
    if (method === 'Debugger.paused') stops.push(params.callFrames[0].location.scriptId);
  });
  let id = 0;
  const ask = (method) => inspector.send(JSON.stringify({ id: (id += 1), method }));
  ask('Debugger.enable');
  await once(inspector, 'message');

  // It stops at the range's own event, then at those of the request.
  program.tell('forward');
  for (const count of [1, 2]) {
    await until(() => stops.length === count, `stop ${count}`);
    if (count === 1) ask('Debugger.resume');
  }
  expect(scripts.get(stops[1])).toContain('paused.cjs');
  const stop = transfers(port, web.port);
  const begin = Date.now();
  await sleep(BLOCKED_MS);
  const end = Date.now();
  const { done, errors } = await stop();
  expect(errors).toEqual([]);
  for (const count of perSecond(done, begin, end).slice(1)) expect(count).toBeGreaterThan(0);
  // All that time it stood where it was.
  expect(stops).toHaveLength(2);

  ask('Debugger.disable');
  ask('Debugger.resume');
  expect(await program.next()).toEqual({ forwarded: 0 });
  const hear = () => {
    program.tell('hear');
    return program.next();
  };
  await until(async () => (await hear()).length >= 3, 'the last event');
  expect(await hear()).toEqual([
    event('settingPortChange', `${port}:1`),
    event('portStateUpdate', port),
    event('forwardListCompleted', '1'),
  ]);
});

needs('prlimit').test(
  'without descriptors a port does not spin, keeps what it has, and is back within a second',
  async () => {
    const web = await serve(origin());
    const upstream = await serve(httpUpstream());
    const port = await deadPort();
    const provider = provide([entry('1', 'http', upstream.port)]);
    const program = child('forward/scarce-port', {
      args: [provider, `${port}`],
      under: [tool('prlimit'), '--nofile=256'],
    });
    expect(await program.next()).toEqual({ forwarded: 0 });
    const look = () => {
      program.tell('look');
      return program.next();
    };
    const begun = await look();

    // One that was there before, and more than there are descriptors for.
    const tunnel = async () => {
      const socket = await dial(port);
      socket.write(`CONNECT 127.0.0.1:${web.port} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return socket;
    };
    const request = `GET /alive HTTP/1.1\r\nHost: h\r\n\r\n`;
    const early = await tunnel();
    await once(early, 'data');
    const sockets = await Promise.all(Array.from({ length: 400 }, tunnel));
    await until(async () => (await look()).config.streams > 80, 'exhausted');

    const before = await look();
    await sleep(2_000);
    const { cpu } = await look();
    // A fifth of a core at the very most; a loop that spins takes all of it.
    expect(cpu - before.cpu).toBeLessThan(400);
    early.write(request);
    const [answer] = await once(early, 'data');
    expect(String(answer)).toContain('200 OK');

    for (const socket of [early, ...sockets]) socket.destroy();
    const url = `http://127.0.0.1:${web.port}/again`;
    const works = async () => (await connectTunnel(port, url).catch(() => ({}))).status === 200;
    await until(works, 'a request');
    await until(async () => (await look()).config.streams === 0, 'no stream');
    const { tasks, config } = await look();
    expect(config.is_online).toBe(true);
    expect(tasks).toBeLessThanOrEqual(begun.tasks);
  },
);
