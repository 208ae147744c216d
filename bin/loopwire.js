#!/usr/bin/env node
// The command line. What it says and does is in lib/cli.
'use strict';

require('../lib/cli/main.js').main(process.argv.slice(2));
