// Row: snapshots of a tree of the usual size.
'use strict';
const { row } = require('../../lib/snapshot/row.cjs');

module.exports = row(10_000, [
  { of: 'loopwire', key: 'second', against: 'git', atMost: 1.5 },
  { of: 'loopwire', key: 'first', against: 'git', atMost: 1.5 },
]);
