// Restoring while the application continues: its calls take precedence over the saved data.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { socksUpstream } = require('../../../examples/demo/upstreams.cjs');
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

/** Two ports of proxy `a` that are saved and not forwarded, and a list that has `a` and `b`. */
async function saved() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-restore-'));
  after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const upstream = await serve(socksUpstream());
  const list = ['a', 'b'].map((id) => entry(id, 'socks5', upstream.port));
  const { start } = await forwarding({ list });
  const ports = [start, start + 1];
  expect(loopwire.setSaveDataPath(dir)).toBe(0);
  for (const port of ports) expect(await loopwire.createWithId(port, 'a')).toBe(0);
  await loopwire.shutdown();
  const events = detailedEvents();
  loopwire.configure({ idleCheckMs: 0 });
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', start, 4);
  provide(list);
  const file = path.join(dir, 'forwards.json');
  const kept = () => JSON.parse(fs.readFileSync(file, 'utf8')).ports;
  return { dir, file, events, ports, kept };
}

const restoreDone = (events) => events.find('restoreDone');

test('a port that is forwarded meanwhile keeps what it was given', async () => {
  const { dir, events, ports, kept } = await saved();
  loopwire.setSaveDataPath(dir);
  loopwire.restoreData();
  expect(await loopwire.createWithId(ports[0], 'b')).toBe(0);
  await restoreDone(events);
  expect(ports.map((port) => config(port).proxy_id)).toEqual(['b', 'a']);
  expect(kept().map(({ proxy_id }) => proxy_id)).toEqual(['b', 'a']);
});

test('a port that is removed meanwhile stays away', async () => {
  const { dir, events, ports, kept } = await saved();
  loopwire.setSaveDataPath(dir);
  loopwire.restoreData();
  loopwire.removePort(ports[0]);
  await restoreDone(events);
  await until(() => kept().length === 1, 'one saved port');
  expect(loopwire.ports().map(({ port }) => port)).toEqual([ports[1]]);
});

test('stopProxy stops what is being restored, too; it stays saved', async () => {
  const { dir, events, kept } = await saved();
  loopwire.setSaveDataPath(dir);
  loopwire.restoreData();
  loopwire.stopProxy();
  await restoreDone(events);
  expect(loopwire.ports()).toEqual([]);
  expect(kept()).toHaveLength(2);
});

test('a port whose rules cannot be read does not come back with others', async () => {
  const { dir, file, events, ports } = await saved();
  const data = JSON.parse(fs.readFileSync(file, 'utf8'));
  data.ports[0].options = { auth: 'not a pair' };
  fs.writeFileSync(file, JSON.stringify(data));
  loopwire.setSaveDataPath(dir);
  loopwire.restoreData();
  const { payload } = await events.find('proxyError');
  expect(payload).toBe('a:req_proxy_config_error@proxy invalid');
  await restoreDone(events);
  expect(loopwire.ports().map(({ port }) => port)).toEqual([ports[1]]);
});

test('another directory while a port is being forwarded: its Promise resolves', async () => {
  const { dir, ports } = await saved();
  const other = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-restore-'));
  after(() => fs.rmSync(other, { recursive: true, force: true }));
  loopwire.setSaveDataPath(dir);
  for (let at = 0; at < 5; at += 1) await loopwire.createWithId(ports[0], at % 2 ? 'a' : 'b');
  const creating = loopwire.createWithId(ports[1], 'b');
  loopwire.setSaveDataPath(other);
  expect(await creating).toBe(0);
  const kept = () => JSON.parse(fs.readFileSync(path.join(other, 'forwards.json'), 'utf8')).ports;
  await until(() => kept().length === 2, 'both ports in the new directory');
});
