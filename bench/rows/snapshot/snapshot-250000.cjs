// Row: snapshots of a large tree. It takes minutes, so it runs only by `--only snapshot-250000`.
'use strict';
const { row } = require('../../lib/snapshot/row.cjs');

module.exports = row(250_000, [{ of: 'loopwire', key: 'second', atMost: 1_000 }]);
