// The native core, loaded on demand: help and wrong options need none.
'use strict';

const { Problem } = require('./problem.js');

/** Loads a module of the package that needs the native core. */
function load(name) {
  try {
    return require(`../../${name}`);
  } catch (error) {
    if (!String(error.code).startsWith('ERR_BINDING_')) throw error;
    // It is written for the person who must act.
    throw new Problem(error.message);
  }
}

module.exports = { load };
