// What a workspace says to a client, byte for byte, against `fixtures/workspace.json`.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const loopwire = require('../..');
const fixtures = require('../../fixtures/workspace.json');
const { connect, listeners } = require('../support/channel/client.cjs');
const { when } = require('../support/needs.cjs');

const start = listeners(loopwire);

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loopwire-fixtures-')));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** What differs from one run to the next, made the same; what stands there has been looked at. */
const same = (text) =>
  text
    .replaceAll(root, 'ROOT')
    .replace(
      /"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/,
      '"timestamp":"2025-10-16T12:00:00.000Z"',
    )
    .replace(/"pid":[1-9]\d*/, '"pid":4711')
    .replace(/"durationMs":\d+/, '"durationMs":12');

when(process.platform !== 'win32', 'a shell').test.each(fixtures)(
  '$name',
  async ({ flags, first = [], until, say, hear }) => {
    const listener = start();
    loopwire.openWorkspace(root, { shell: ['/bin/sh', '-c'] });
    const client = await connect(listener, { form: 'query', flags });
    const send = (message) => client.send(JSON.stringify(message).replaceAll('ROOT', root));
    first.forEach(send);
    if (until) await client.until((text) => JSON.parse(text).type === until);
    say.forEach(send);
    const heard = (await client.take(hear.length)).map(same);
    expect(heard).toEqual(hear.map((message) => JSON.stringify(message)));
    expect(await client.settle()).toEqual([]);
  },
);
