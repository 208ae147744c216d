#!/usr/bin/env node
// The command line; lib/cli does the work.
'use strict';

require('../lib/cli/main.js').main(process.argv.slice(2));
