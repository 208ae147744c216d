// Row: bulk traffic towards the client, 8 streams.
'use strict';
const { bulk } = require('../../lib/forward/bulk.cjs');

module.exports = bulk('bulk-8', 'bulk to the client, 8 streams', { streams: 8 });
