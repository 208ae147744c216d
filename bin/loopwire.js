#!/usr/bin/env node
// The command line; lib/cli does the work.
'use strict';

// A Node that is too old can read this much, and no more.
try {
  require('../lib/loader/node.js');
} catch (error) {
  console.error('loopwire: ' + error.message);
  process.exit(1);
}

require('../lib/cli/main.js').main(process.argv.slice(2));
