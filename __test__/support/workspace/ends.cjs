// The ways in which a host ends, each with what its program is told or sent, and how it then ends.
'use strict';

module.exports = [
  ['process.exit()', 'exit', undefined, { code: 7 }],
  ['an uncaught exception', 'throw', undefined, { code: 1 }],
  ['abort()', 'abort', undefined, { signal: 'SIGABRT' }],
  ['SIGINT', 'wait', 'SIGINT', { signal: 'SIGINT' }],
  ['SIGTERM', 'wait', 'SIGTERM', { signal: 'SIGTERM' }],
  ['SIGKILL', 'wait', 'SIGKILL', { signal: 'SIGKILL' }],
  ['an end of its own after unref()', 'unref', undefined, { code: 0 }],
];
