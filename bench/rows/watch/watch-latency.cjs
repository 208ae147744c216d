// Row: from a change of a file to the callback, one change at a time.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { percentile } = require('../../lib/stats.cjs');
const { Editor } = require('../../lib/watch/editor.cjs');
const { Heard } = require('../../lib/watch/heard.cjs');
const { FILES, within } = require('../../lib/watch/tree.cjs');
const { subjects } = require('../../lib/watch/watchers.cjs');

const CHANGES = 200;
/** Far apart, so that no watcher takes two for one. */
const PAUSE_MS = 30;
/** Between two kinds: nothing of the last one is told as a part of the next. */
const REST_MS = 700;
const KINDS = ['create', 'modify', 'rename', 'delete'];

const measure = (watch, { of }) =>
  within(of(FILES), async ({ root, leaves }) => {
    const heard = new Heard();
    const editor = new Editor();
    const close = await watch(root, heard.changed);
    const figures = {};
    try {
      for (const kind of KINDS) {
        await sleep(REST_MS);
        heard.forget();
        const order = { root, leaves, kind, count: of(CHANGES), pauseMs: PAUSE_MS };
        const latencies = await heard.latencies(await editor.change(order));
        figures[`${kind}50`] = percentile(latencies, 0.5) / 1e6;
        figures[`${kind}99`] = percentile(latencies, 0.99) / 1e6;
      }
    } finally {
      editor.stop();
      await close();
    }
    return figures;
  });

module.exports = {
  name: 'watch-latency',
  title: `from a change to the callback, in ${FILES} files`,
  base: 'parcel',
  columns: KINDS.flatMap((kind) => [
    { key: `${kind}50`, title: `${kind} p50 ms` },
    { key: `${kind}99`, title: 'p99 ms' },
  ]),
  subjects: subjects(measure),
  goals: KINDS.flatMap((kind) =>
    ['50', '99'].map((part) => ({
      of: 'loopwire',
      key: kind + part,
      against: 'parcel',
      atMost: 1,
    })),
  ),
};
