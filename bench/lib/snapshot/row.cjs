// A row of snapshots: the first one of a tree, the second after some edits, and the way back.
'use strict';
const subjects = require('./subjects.cjs');
const { disk, edit, inPlace, isFirst, tree } = require('./tree.cjs');

const EDITS = 10;

async function timed(work) {
  const start = process.hrtime.bigint();
  const value = await work();
  return [Number(process.hrtime.bigint() - start) / 1e6, value];
}

const measure = (name, files) =>
  inPlace(async (root, home) => {
    tree(root, files);
    const subject = await subjects[name](root, home);
    const [first, commit] = await timed(subject.take);
    const small = disk(subject.store);
    edit(root, files, EDITS);
    const [second] = await timed(subject.take);
    const large = disk(subject.store);
    const [restore] = await timed(() => subject.restore(commit));
    if (!isFirst(root, 0)) throw new Error('Error: the restored file has other contents');
    await subject.close();
    return { first, second, restore, store: small / 1024, growth: large - small };
  });

/** A row with so many files. */
function row(files, goals) {
  const subject = (title, name, more) => ({
    title,
    ...more,
    run: ({ of }) => measure(name, of(files)),
  });
  return {
    name: `snapshot-${files}`,
    title: `snapshots of ${files.toLocaleString('en-US')} files, ${EDITS} edits, and back`,
    // Making the tree counts, too.
    deadlineMs: 60_000 + files * 5,
    base: 'git',
    columns: [
      { key: 'second', title: 'second, ms' },
      { key: 'first', title: 'first, ms' },
      { key: 'restore', title: 'restore, ms' },
      { key: 'store', title: 'store, MiB' },
      { key: 'growth', title: 'growth, KiB' },
    ],
    subjects: {
      git: subject('git add -A, git commit; git reset', 'git', { needs: 'git' }),
      loopwire: subject('Loopwire', 'loopwire', { loopwire: 'shipped', needs: 'git' }),
    },
    goals,
  };
}

module.exports = { row };
