// Row: bulk traffic towards the client, 64 streams.
'use strict';
const { bulk } = require('../../lib/forward/bulk.cjs');

module.exports = bulk('bulk-64', 'bulk to the client, 64 streams', { streams: 64 });
