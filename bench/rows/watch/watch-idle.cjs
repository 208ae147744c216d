// Row: what a watched tree costs while nothing happens.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { median } = require('../../lib/stats.cjs');
const { cpu, pss } = require('../../lib/watch/memory.cjs');
const { FILES, within } = require('../../lib/watch/tree.cjs');
const { subjects } = require('../../lib/watch/watchers.cjs');

/** What the start has left to do is done by then. */
const REST_MS = 2_000;
/** So many seconds are looked at, one by one: in one or two of them V8 frees memory, which is not the watcher's work. */
const SECONDS = 7;

const measure = (watch, { of }) =>
  within(of(FILES), async ({ root, directories }) => {
    global.gc?.();
    await sleep(REST_MS);
    const before = pss();
    const close = await watch(root, () => {});
    await sleep(REST_MS);
    global.gc?.();
    const grown = pss() - before;
    const seconds = [];
    for (let second = 0; second < SECONDS; second++) {
      const used = cpu();
      await sleep(1_000);
      seconds.push(cpu() - used);
    }
    await close();
    return { idle: median(seconds), memory: grown, each: grown / directories };
  });

module.exports = {
  name: 'watch-idle',
  title: `while nothing happens in ${FILES} files`,
  base: 'parcel',
  columns: [
    { key: 'each', title: 'KiB a directory' },
    { key: 'memory', title: 'KiB in all' },
    { key: 'idle', title: 'CPU ms a second' },
  ],
  subjects: subjects(measure),
  // A timer of Node that does nothing costs about this much.
  goals: [{ of: 'loopwire', key: 'idle', atMost: 1 }],
};
