// Row: bulk traffic towards the client, 1 stream.
'use strict';
const { bulk } = require('../../lib/forward/bulk.cjs');

module.exports = bulk('bulk-1', 'bulk to the client, 1 stream', { streams: 1 });
