// Row: bulk traffic towards the upstream, 8 streams.
'use strict';
const { bulk } = require('../../lib/forward/bulk.cjs');

module.exports = bulk('bulk-up', 'bulk to the upstream, 8 streams', { streams: 8, up: true });
