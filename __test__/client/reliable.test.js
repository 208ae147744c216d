/**
 * Reliable commands: what is typed while the connection is cut reaches a command once, and in order.
 *
 * @jest-environment ./__test__/support/client/environment.cjs
 */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('ws');
const loopwire = require('../..');
const { Cutter } = require('../support/client/cutter.cjs');
const { seeded } = require('../support/random.cjs');
const { until } = require('../support/until.cjs');

const { EventClient } = requireModule('index.js');

const ROUNDS = 30;
/** Typed at once in each round. */
const KEYS = 20;

let root;
let cutter;

beforeEach(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-reliable-'));
  cutter = await Cutter.before(0);
});

afterEach(async () => {
  await cutter.close();
  await loopwire.shutdown();
  fs.rmSync(root, { recursive: true, force: true });
});

test(
  'each key that is typed during reconnects reaches the command once',
  seeded(async (random) => {
    await loopwire.openWorkspace(root);
    const allowedHosts = [`127.0.0.1:${cutter.port}`];
    const listener = loopwire.startEventListener(0, loopwire.generateToken(), () => {}, {
      allowedHosts,
    });
    cutter.redirect(listener.port);
    const { pathname } = new URL(listener.url);
    const url = `ws://127.0.0.1:${cutter.port}${pathname}`;
    const client = new EventClient({ url, WebSocket, baseDelayMs: 1, maxDelayMs: 5, fetch: null });
    const command = (type, data) => client.send({ type, data: { id: 'typing', ...data } });
    const typed = [command('terminal:execute', { command: 'cat > typed; echo > done' })];
    await client.connect();
    let text = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      const { connectionId } = client.state;
      // Inside of a key, inside of an acknowledgement, or between two.
      const bytes = 1 + Math.floor(random() * 300);
      const cut = [
        () => cutter.cutAfterSent(bytes),
        () => cutter.cutAfter(bytes),
        () => cutter.cut(),
      ];
      cut[Math.floor(random() * cut.length)]();
      for (let at = 0; at < KEYS; at += 1) {
        const key = `${round}.${at} `;
        text += key;
        typed.push(command('terminal:input', { input: key }));
      }
      const isNew = ({ name, connectionId: id }) => name === 'open' && id !== connectionId;
      await until(() => isNew(client.state), 'a reconnect');
    }
    typed.push(command('terminal:eof'));
    await Promise.all(typed);
    await until(() => fs.existsSync(path.join(root, 'done')), 'the command has ended');
    expect(fs.readFileSync(path.join(root, 'typed'), 'utf8')).toBe(text);
    await client.close();
  }),
  60_000,
);
