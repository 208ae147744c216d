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

// Node's modules are instances of the class that `node:module` is. Asked for by name, it has Node load its loader of ES modules.
const { createRequire } = module.constructor.createRequire
  ? module.constructor
  : builtin('node:module');
const load = createRequire(place());
const abi = abiOf();

function firstFile(_, sites) {
  return sites[0].getFileName();
}

/** This file. A bundler's ES module has no `__filename`, but errors know theirs. */
function place() {
  if (typeof __filename === 'string') return __filename;
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    // An application may have switched stacks off (`--stack-trace-limit=0`).
    Object.assign(Error, { prepareStackTrace: firstFile, stackTraceLimit: 1 });
    const { stack } = new Error();
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    if (typeof stack === 'string') return stack;
  } catch {
    // `Error` is frozen.
  }
  return `${process.cwd()}/`;
}

/** Loaded only now: there is hardly ever one. */
const problem = (kind, ...details) => require('./lib/loader/problem.js')[kind](...details);

/** What finds files and packages: here, from `loopwire` itself, and beside the executable. */
const FROM = [
  () => load,
  // pnpm and Yarn do not let a bundle see the dependencies of a dependency.
  () => createRequire(load.resolve('loopwire/package.json')),
  // In an executable that contains a bundle, this file is somewhere that does not exist.
  () => createRequire(process.execPath),
];

function find() {
  // Deno asks its user before a variable is read.
  const given = process.versions.deno ? undefined : process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (given) return given;
  let missing;
  for (const from of FROM) {
    try {
      return resolve(from());
    } catch (error) {
      // Node names the package.json of a package whose main file is not there.
      if (error.path) throw problem('unloadable', error.path, abi, error);
      missing ??= error;
    }
  }
  throw problem('missing', abi, VERSION, missing);
}

function resolve(from) {
  try {
    return from.resolve(`./loopwire.${abi}.node`);
  } catch {
    return from.resolve(`@loopwire/binding-${abi}`);
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
