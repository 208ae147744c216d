// Row: memory of an idle forwarded connection.
'use strict';
const { hold } = require('../../lib/forward/children.cjs');
const { most, pss } = require('../../lib/forward/memory.cjs');
const { names, subjects } = require('../../lib/forward/subjects.cjs');

/** Threads and allocators are there before the first look. */
const WARM_UP = 64;

/** One has no memory to look at; the other wants four more descriptors each, for its pipes. */
const EXCEPT = new Set(['direct', 'haproxy-splice']);

async function measure(proxy, { of }) {
  const count = of(most());
  await hold(proxy, WARM_UP, () => {});
  const before = pss(proxy.pid);
  const after = await hold(proxy, count, () => pss(proxy.pid));
  return { kb: (after - before) / count, mb: (after - before) / 1024, count };
}

module.exports = {
  name: 'idle',
  title: 'user memory of a forwarded connection that has carried 16 KiB either way and is idle',
  base: 'haproxy',
  columns: [
    { key: 'kb', title: 'KB each' },
    { key: 'mb', title: 'MB in all' },
    { key: 'count', title: 'connections' },
  ],
  subjects: subjects(measure, {
    names: names.filter((name) => !EXCEPT.has(name)),
    connections: most(),
  }),
  goals: [
    { of: 'loopwire', key: 'kb', atMost: 6 },
    { of: 'loopwire-socks5', key: 'kb', atMost: 6 },
  ],
};
