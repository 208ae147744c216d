// What `require('loopwire')` loads first. A Node that is too old can read it, and is told so.
'use strict';

require('./lib/loader/node.js');

// Node finds the names for `import { … }` through this line, if it has exactly this form.
module.exports = require('./index.js');
