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

const folder = (name) => fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), name)));
// One for each test, so that none finds the files of another.
let root;
// Beside them: the first snapshot of a store is told as such.
let stores;
beforeEach(() => {
  root = folder('loopwire-fixtures-');
  stores = folder('loopwire-stores-');
});
afterEach(() => {
  for (const one of [root, stores]) fs.rmSync(one, { recursive: true, force: true });
});

const HASH = '0123456789abcdef0123456789abcdef01234567';

/** What differs from one run to the next, made the same; what stands there has been looked at. */
const same = (text) =>
  text
    .replaceAll(root, 'ROOT')
    .replace(
      /"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g,
      '"timestamp":"2025-10-16T12:00:00.000Z"',
    )
    .replace(/"pid":[1-9]\d*/, '"pid":4711')
    .replace(/"durationMs":\d+/, '"durationMs":12')
    .replace(/"createdAt":"[^"]{24}"/g, '"createdAt":"2025-10-16T12:00:00.000Z"')
    .replace(/Before restoring [0-9a-f]{40}/g, `Before restoring ${HASH}`)
    .replace(/"(commitHash|safetyCommit)":"[0-9a-f]{40}"/g, `"$1":"${HASH}"`);

/** A slow machine hears how far a snapshot is. */
const isNoProgress = (text) => !text.startsWith('{"type":"snapshot:progress"');

when(process.platform !== 'win32', 'a shell').test.each(fixtures)(
  '$name',
  async ({ flags, first = [], until, write = {}, say = [], hear }) => {
    const listener = start();
    // A client of the page would hear of the files that these tests write.
    const options = { shell: ['/bin/sh', '-c'], watch: 'onDemand', snapshotDir: stores };
    loopwire.openWorkspace(root, options);
    const client = await connect(listener, { form: 'query', flags });
    let hash;
    const send = (message) => {
      const text = JSON.stringify(message).replaceAll('ROOT', root);
      client.send(text.replaceAll(HASH, hash));
    };
    first.forEach(send);
    if (until) {
      const before = await client.until((text) => JSON.parse(text).type === until);
      hash = JSON.parse(before.at(-1)).data.commitHash;
    }
    for (const [name, data] of Object.entries(write)) fs.writeFileSync(path.join(root, name), data);
    say.forEach(send);
    const heard = [];
    while (heard.length < hear.length) {
      const text = await client.next();
      if (isNoProgress(text)) heard.push(same(text));
    }
    expect(heard).toEqual(hear.map((message) => JSON.stringify(message)));
    expect((await client.settle()).filter(isNoProgress)).toEqual([]);
  },
);
