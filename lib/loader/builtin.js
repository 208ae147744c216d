// Node's own modules, without a `require` of them: in the ES modules that some bundlers make, there is none.
'use strict';

/** For Node 20 before 20.16, which has no `process.getBuiltinModule`. */
const REQUIRED = {
  'node:buffer': () => require('node:buffer'),
  'node:fs': () => require('node:fs'),
  'node:module': () => require('node:module'),
  'node:timers': () => require('node:timers'),
  'node:worker_threads': () => require('node:worker_threads'),
};

function builtin(name) {
  return process.getBuiltinModule ? process.getBuiltinModule(name) : REQUIRED[name]();
}

module.exports = { builtin };
