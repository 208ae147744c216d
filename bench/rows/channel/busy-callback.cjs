// Row: the row `callback` under load from outside.
'use strict';
const { busy } = require('../../lib/busy.cjs');

module.exports = busy(require('./callback.cjs'), ['tsfn-buffer', 'loopwire']);
