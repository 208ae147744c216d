// The native core, loaded on demand: help and wrong options need none.
'use strict';

const { Problem } = require('./problem.js');

/** Loads a module of the package that needs the native core. */
function load(name) {
  try {
    return require(`../../${name}`);
  } catch (error) {
    const target = `${process.platform}-${process.arch}`;
    throw new Problem(
      `the native core for ${target} cannot be loaded: ${reason(error)}. ` +
        'Install loopwire again on this machine, without --omit=optional',
    );
  }
}

/** The first reason that says more than that a file is not there, in one line. */
function reason(error) {
  const all = [];
  for (let one = error; one instanceof Error; one = one.cause) all.push(one);
  const { message } = all.find(({ code }) => code === 'ERR_DLOPEN_FAILED') ?? all[0] ?? error;
  return message.split('\n')[0].replace(/\.$/, '').split('. ')[0];
}

module.exports = { load };
