// The public face of Loopwire: hand-written names over the generated binding.js.
'use strict';

const { getVersionInfo } = require('./binding.js');

// Bare names only: Node reads them off this literal for `import { … }`, and stops at the first
// property that is an expression.
module.exports = {
  getVersionInfo,
};
