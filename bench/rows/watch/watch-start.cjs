// Row: from the call until everything is watched.
'use strict';
const { cpu } = require('../../lib/watch/memory.cjs');
const { FILES, within } = require('../../lib/watch/tree.cjs');
const { subjects } = require('../../lib/watch/watchers.cjs');

const measure = (watch, { of }) =>
  within(of(FILES), async ({ root }) => {
    const before = cpu();
    const start = process.hrtime.bigint();
    const close = await watch(root, () => {});
    const ready = Number(process.hrtime.bigint() - start) / 1e6;
    const used = cpu() - before;
    await close();
    return { ready, cpu: used };
  });

module.exports = {
  name: 'watch-start',
  title: `until ${FILES} files are watched, the code being loaded on the way`,
  base: 'parcel',
  columns: [
    { key: 'ready', title: 'ms' },
    { key: 'cpu', title: 'CPU ms' },
  ],
  subjects: subjects(measure),
};
