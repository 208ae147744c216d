// Row: the row `both` under load from outside.
'use strict';
const { busy } = require('../../lib/busy.cjs');

module.exports = busy(require('./both.cjs'), ['tsfn-axum', 'loopwire']);
