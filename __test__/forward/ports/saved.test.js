// Saved data: its contents, restoring, permissions, and crashes.
'use strict';

const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { httpUpstream, socksUpstream } = require('../../../examples/demo/upstreams.cjs');
const { needs, when } = require('../../support/needs.cjs');
const child = require('../../support/process/child.cjs');
const {
  after,
  config,
  entry,
  forwarding,
  loopwire,
  provide,
  serve,
  until,
} = require('../../support/forward/forwarding.cjs');
const { detailedEvents } = require('../../support/forward/details.cjs');

const SECRET = { username: 'alice', password: 'op3n-s3same' };
// Each is a process of its own, which is most of this file's time.
const KILLS = 20;

function folder() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-saved-'));
  after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const fileOf = (dir) => path.join(dir, 'forwards.json');
const textOf = (dir) => fs.readFileSync(fileOf(dir), 'utf8');
const portsOf = (dir) =>
  fs.existsSync(fileOf(dir)) ? JSON.parse(textOf(dir)).ports.map(({ port }) => port) : [];

/** Two ports of the list's proxy `a`, saved in a folder. */
async function saving(make = socksUpstream) {
  const dir = folder();
  const upstream = await serve(make({ credentials: SECRET }));
  const protocol = make === socksUpstream ? 'socks5' : 'http';
  const list = [entry('a', protocol, upstream.port, SECRET)];
  const { start } = await forwarding({ list });
  expect(loopwire.setSaveDataPath(dir)).toBe(0);
  for (const port of [start, start + 1]) expect(await loopwire.createWithId(port, 'a')).toBe(0);
  return { dir, upstream, list, start, ports: [start, start + 1] };
}

/** The same application, started again: its settings, and nothing forwarded. */
async function again({ dir, start, list }) {
  await loopwire.shutdown();
  const events = detailedEvents();
  loopwire.configure({ idleCheckMs: 0 });
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', start, 4);
  if (list) provide(list);
  expect(loopwire.setSaveDataPath(dir)).toBe(0);
  await events.find('settingPortChange');
  return events;
}

/** Everything until `restoreDone`, that itself included, and what comes right behind it. */
async function restored(events) {
  expect(loopwire.restoreData()).toBe(0);
  const told = await events.until(({ type }) => type === 'restoreDone');
  return [...told, ...(await events.all())];
}

const gone = ({ type, data }) => type === 'portStateUpdate' && !data.online;
const done = (ok, failed = []) => ({ type: 'restoreDone', data: { restored: ok, failed } });
const online = (port) => ({
  type: 'portStateUpdate',
  payload: String(port),
  data: { port, online: true, reason: 'restored' },
});

describe('restoreData', () => {
  test('without a path: 1 and a text', async () => {
    await forwarding();
    expect(loopwire.restoreData()).toBe(1);
    expect(loopwire.sdkGetLastError()).toMatch(/setSaveDataPath|save/i);
  });

  test.each(['shutdown', 'stopProxy'])(
    'after %s: each port once, then restoreDone once',
    async (how) => {
      const set = await saving();
      let events;
      if (how === 'shutdown') events = await again(set);
      else {
        events = detailedEvents();
        loopwire.stopProxy();
        await events.until(gone);
        await events.until(gone);
      }
      expect(portsOf(set.dir)).toEqual(set.ports);
      expect(loopwire.ports()).toEqual([]);
      const told = await restored(events);
      expect(told.at(-1)).toEqual(done(set.ports));
      expect(told.slice(0, -1).sort((a, b) => a.data.port - b.data.port)).toEqual(
        set.ports.map((port) => online(port)),
      );
      expect(set.ports.map((port) => config(port).proxy_id)).toEqual(['a', 'a']);
    },
  );

  test('removePort forgets, cleanData forgets all and leaves the ports alone', async () => {
    const set = await saving();
    loopwire.removePort(set.start);
    await until(() => portsOf(set.dir).length === 1, 'the shorter file');
    expect(portsOf(set.dir)).toEqual([set.start + 1]);
    const events = await again(set);
    expect((await restored(events)).at(-1)).toEqual(done([set.start + 1]));
    expect(loopwire.cleanData()).toBe(0);
    await until(() => portsOf(set.dir).length === 0, 'the empty file');
    expect(config(set.start + 1).is_online).toBe(true);
    const next = await again(set);
    expect(await restored(next)).toEqual([done([])]);
  });

  test('a dead upstream: kept offline, proxyError under its proxy id, and it comes back', async () => {
    const set = await saving();
    await loopwire.shutdown();
    await set.upstream.stop();
    const events = await again(set);
    const told = await restored(events);
    expect(told.at(-1)).toEqual(done([], set.ports));
    const errors = told.filter(({ type }) => type === 'proxyError');
    expect(errors.map(({ payload }) => payload)).toEqual(
      Array(2).fill('a:req_proxy_config_error@upstream unreachable'),
    );
    expect(set.ports.map((port) => config(port).is_online)).toEqual([false, false]);
    await set.upstream.start();
    const back = await events.until(({ type, data }) => type === 'portStateUpdate' && data.online);
    expect(set.ports).toContain(back.at(-1).data.port);
    await until(() => set.ports.every((port) => config(port).is_online), 'both ports online');
  });

  test('a busy port: `port in use`, restoreDone, and portStateUpdate once it is free', async () => {
    const set = await saving();
    await loopwire.shutdown();
    const other = net.createServer().listen(set.start, '127.0.0.1');
    await once(other, 'listening');
    const events = await again(set);
    const told = await restored(events);
    expect(told.at(-1)).toEqual(done([set.start + 1], [set.start]));
    const errors = told.filter(({ type }) => type === 'proxyError');
    expect(errors.map(({ payload }) => payload)).toEqual(['a:req_proxy_config_error@port in use']);
    await new Promise((resolve) => other.close(resolve));
    expect(await events.find('portStateUpdate', set.start)).toEqual(online(set.start));
    expect((await events.all()).filter(({ type }) => type === 'restoreDone')).toEqual([]);
  });

  test('the provider has no such proxy any more: proxyError, portRemoved, forgotten', async () => {
    const set = await saving();
    const events = await again({ ...set, list: [] });
    const told = await restored(events);
    const count = (kind) => told.filter(({ type }) => type === kind).length;
    expect([count('proxyError'), count('portRemoved'), count('restoreDone')]).toEqual([2, 2, 1]);
    expect(told.at(-1)).toEqual(done([], set.ports));
    await until(() => portsOf(set.dir).length === 0, 'the empty file');
  });

  test('the rules of forward come back with the port: accept, auth, onRotate', async () => {
    const set = await saving();
    const rules = { accept: 'http', onRotate: 'break', auth: { username: 'me', password: 'w0rd' } };
    await loopwire.forward({ port: set.start, upstream: { id: 'a' }, ...rules });
    const [{ options }] = JSON.parse(textOf(set.dir)).ports;
    await restored(await again(set));
    const asked = async (head) => {
      const socket = net.connect(set.start, '127.0.0.1');
      after(() => socket.destroy());
      socket.on('error', () => {}).write(head);
      const [first] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      return String(first);
    };
    const head = (more) => `CONNECT 127.0.0.1:${set.start + 1} HTTP/1.1\r\n${more}\r\n`;
    expect(await asked(head(''))).toMatch(/^HTTP\/1\.1 407 /);
    const basic = Buffer.from('me:w0rd').toString('base64');
    expect(await asked(head(`Proxy-Authorization: Basic ${basic}\r\n`))).toMatch(/ 200 /);
    // No SOCKS greeting is answered with a method.
    expect(await asked(Buffer.from([5, 1, 2]))).not.toBe('\u0005\u0002');
    // onRotate shows in nothing but a rotation; it is saved again as it was.
    const [saved] = JSON.parse(textOf(set.dir)).ports;
    expect(saved.options).toEqual(options);
    expect(saved.options).toMatchObject({ accept: 'http', on_rotate: 'break' });
  });
});

describe('the file', () => {
  test('holds no password of the provider’s, is its owner’s alone, and names what was asked for', async () => {
    const { dir, start } = await saving(httpUpstream);
    expect(textOf(dir)).not.toContain(SECRET.password);
    const mode = fs.statSync(fileOf(dir)).mode & 0o777;
    // Windows has no such modes.
    expect(mode).toBe(process.platform === 'win32' ? mode : 0o600);
    expect(JSON.parse(textOf(dir)).ports[0]).toMatchObject({
      port: start,
      proxy_id: 'a',
      plan: '1',
    });
  });

  test('holds the one that forward was given inline, and it works again', async () => {
    const set = await saving();
    const upstream = entry('mine', 'socks5', set.upstream.port, SECRET);
    await loopwire.forward({ port: set.start + 2, upstream });
    expect(textOf(set.dir)).toContain(SECRET.password);
    // No provider: it needs none.
    const told = await restored(await again({ ...set, list: undefined }));
    expect(told.at(-1).data.restored).toEqual([set.start + 2]);
    expect(config(set.start + 2)).toMatchObject({ proxy_id: 'mine', is_online: true });
  });
});

test('a second process is refused with the first one’s process id', async () => {
  const { dir, start } = await saving();
  const other = child.start('forward/saving', { args: [dir, String(start), '4'] });
  const said = await other.next();
  expect([said.rc, said.error]).toEqual([1, expect.stringContaining(`process ${process.pid}`)]);
  await other.ended;
});

/** What a file may hold: what was acknowledged last, or what the child makes of it next, as sorted text. */
function allowed(known, start) {
  const shorter = known.length > 2 ? known.slice(1) : known;
  const next = start + ((known.at(-1) - start + 1) % 6);
  return [known, shorter, [...shorter, next]].map((ports) => String([...ports].sort()));
}

test('killed at any point, the file is whole and holds what was acknowledged last', async () => {
  const dir = folder();
  const { start } = await forwarding({ count: 6 });
  for (let kill = 0; kill < KILLS; kill += 1) {
    const program = child.start('forward/saving', { args: [dir, String(start), '6'] });
    expect((await program.next()).rc).toBe(0);
    let known = await program.next();
    for (let turns = Math.floor(Math.random() * 6); turns > 0; turns -= 1) {
      known = await program.next();
    }
    // A kill in the middle of whatever comes then: this is no wait for anything.
    await sleep(Math.random() * 4);
    program.process.kill('SIGKILL');
    await program.ended;
    known = program.drain().at(-1) ?? known;
    expect(allowed(known, start)).toContain(String(portsOf(dir)));
  }
}, 120_000);

describe('what cannot be saved', () => {
  needs('unshare').test('is not acknowledged while the disk is full', async () => {
    const dir = folder();
    const { start } = await forwarding({ count: 3 });
    const mounted = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"';
    const under = ['unshare', '--mount', 'sh', '-c', mounted, 'sh', dir];
    const program = child.start('forward/full', { args: [dir, String(start)], under });
    const failed = 'req_proxy_config_error';
    expect(await program.next()).toEqual({
      before: 0,
      results: [1, [failed, 2, true, 'ENOSPC'], [failed, 0, true, 'ENOSPC']],
      error: expect.stringMatching(/not saved.*ENOSPC/),
      ends: ['a', 'direct', 'again'].map((id) => ['proxyError', `${id}:${failed}@not saved`]),
      ports: [[start, 'a']],
      saved: [start],
    });
    // With room again it is.
    expect(await program.next()).toEqual({ after: 0, saved: [start, start + 1] });
    expect((await program.ended).code).toBe(0);
  });

  when(process.platform !== 'win32', 'named pipes').test(
    'a named pipe as saved data is refused and blocks nothing',
    async () => {
      const dir = folder();
      expect(spawnSync('mkfifo', [fileOf(dir)]).status).toBe(0);
      await forwarding();
      expect(loopwire.setSaveDataPath(dir)).toBe(1);
      expect(loopwire.sdkGetLastError()).toContain('it is a named pipe, not a regular file');
    },
  );
});
