// Row: the row `live` under load from outside.
'use strict';
const { busy } = require('../../lib/busy.cjs');

module.exports = busy(require('./live.cjs'), ['ws', 'loopwire']);
