// A thread of the native core panics, and the program goes on to its end. With an argument, that was ordered.
'use strict';

const { native } = require('../harness.cjs');

if (process.argv[2]) native.harness.order('in a program');
native.harness.panicElsewhere('in a program');
