// Node's own modules, without a call of `require`: bundlers would warn of it, and some leave none in the ES modules that they make.
'use strict';

function builtin(name) {
  return process.getBuiltinModule ? process.getBuiltinModule(name) : required(name);
}

/** For Node 20 before 20.16. */
function required(name) {
  const { require: own } = module;
  // In a bundle, `module` is the bundler's.
  if (own) return own.call(module, name);
  const { mainModule, version } = process;
  if (mainModule) return mainModule.require(name);
  const error = new Error(
    `Loopwire in a bundle that is an ES module needs Node.js 20.16 or newer; this is Node.js ${version}: ` +
      'bundle to CommonJS, or use a newer one',
  );
  throw Object.assign(error, { code: 'ERR_NODE_TOO_OLD' });
}

module.exports = { builtin };
