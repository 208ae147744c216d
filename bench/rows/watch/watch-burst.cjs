// Row: many files at once.
'use strict';
const { Editor } = require('../../lib/watch/editor.cjs');
const { Heard } = require('../../lib/watch/heard.cjs');
const { cpu } = require('../../lib/watch/memory.cjs');
const { FILES, within } = require('../../lib/watch/tree.cjs');
const { subjects } = require('../../lib/watch/watchers.cjs');

const CREATED = 10_000;

const measure = (watch, { of }) =>
  within(of(FILES), async ({ root, leaves }) => {
    const heard = new Heard();
    const editor = new Editor();
    const close = await watch(root, heard.changed);
    try {
      const before = cpu();
      const order = { root, leaves, kind: 'create', count: of(CREATED), pauseMs: 0 };
      const changes = await editor.change(order);
      const last = await heard.all(changes.map(([name]) => name));
      const used = cpu() - before;
      const took = (at) => Number(at - changes[0][1]) / 1e6;
      return { told: took(last), made: took(changes.at(-1)[1]), cpu: used };
    } finally {
      editor.stop();
      await close();
    }
  });

module.exports = {
  name: 'watch-burst',
  title: `${CREATED} files created without a pause, until the last one is told`,
  base: 'parcel',
  columns: [
    { key: 'told', title: 'ms' },
    { key: 'made', title: 'ms to make them' },
    { key: 'cpu', title: 'CPU ms' },
  ],
  subjects: subjects(measure),
};
