// Refuses a Node that is too old. Every Node can read this file, so its syntax is that of 2009.
'use strict';

/** The oldest Node that package.json allows. */
var OLDEST = 20;

if (!(parseInt(process.versions.node, 10) >= OLDEST)) {
  var error = new Error(
    'Loopwire needs Node.js ' +
      OLDEST +
      ' or newer; this is Node.js ' +
      process.version +
      ' (' +
      process.execPath +
      ')',
  );
  error.code = 'ERR_NODE_TOO_OLD';
  throw error;
}
