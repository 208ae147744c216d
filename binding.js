// The native core: an addon beside this file, as in a checkout, or the package for this platform.
//
// No bundler sees the `require` of it, so that a bundled application finds the package when it runs. The page
// docs/design/loading.md says what else was tried.
'use strict';

const { builtin } = require('./lib/loader/builtin.js');
const { lacking } = require('./lib/loader/executable.js');
const { abi: abiOf } = require('./lib/loader/platform.js');

/** The version of the native core that this JavaScript is for. */
const VERSION = '0.1.0';

const { createRequire } = builtin('node:module');
const load = createRequire(place());
const abi = abiOf();

/** This file. A bundler's ES module has no `__filename`, but errors know theirs. */
function place() {
  if (typeof __filename === 'string') return __filename;
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites[0].getFileName();
  const { stack } = new Error();
  Error.prepareStackTrace = prepareStackTrace;
  return stack ?? `${process.cwd()}/`;
}

/** Loaded only now: there is hardly ever one. */
const problem = (kind, ...details) => require('./lib/loader/problem.js')[kind](...details);

function find() {
  // Deno asks its user before a variable is read.
  const given = process.versions.deno ? undefined : process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (given) return given;
  try {
    return load.resolve(`./loopwire.${abi}.node`);
  } catch {
    return installed(`@loopwire/binding-${abi}`);
  }
}

function installed(name) {
  try {
    return load.resolve(name);
  } catch (error) {
    if (error.path) throw problem('unloadable', error.path, abi, error);
    try {
      // A bundle that pnpm or Yarn do not let see the dependencies of a dependency.
      return createRequire(load.resolve('loopwire/package.json')).resolve(name);
    } catch {
      throw problem('missing', abi, VERSION, error);
    }
  }
}

function open(file) {
  let binding;
  try {
    const bytes = abi.startsWith('linux') && !process.versions.deno && lacking(file);
    if (bytes) throw new Error(`the file is truncated: its last ${bytes} bytes are missing`);
    binding = load(file);
  } catch (error) {
    throw problem('unloadable', file, abi, error);
  }
  const found = binding.getVersionInfo?.() ?? 'not Loopwire';
  if (found !== `loopwire/${VERSION}`) throw problem('mismatch', file, found, VERSION);
  return binding;
}

module.exports = open(find());
