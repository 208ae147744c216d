// The public face of Loopwire: hand-written names over the generated binding.js.
//
// The exports stand in one object literal, name by name: Node finds them there for `import {…}`.
'use strict';

const binding = require('./binding.js');

module.exports = {
  getVersionInfo: binding.getVersionInfo,
};
