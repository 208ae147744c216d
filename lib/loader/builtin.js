// Node's own modules, without a call of `require`: bundlers would warn of it, and some leave none in the ES modules that they make.
'use strict';

function builtin(name) {
  return process.getBuiltinModule ? process.getBuiltinModule(name) : required(name);
}

/** For Node 20 before 20.16. */
function required(name) {
  const { require: own } = module;
  // In a bundle, `module` is the bundler's.
  return own ? own.call(module, name) : process.mainModule.require(name);
}

module.exports = { builtin };
