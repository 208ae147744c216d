// Why there is no native core, in one sentence that says what to do.
'use strict';

const { SUPPORTED, glibc } = require('./platform.js');

function problem(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { code });
}

/** `linux-x64 (glibc 2.36)` */
function described(abi) {
  const [platform, arch, libc] = abi.split('-');
  if (libc === 'musl') return `${platform}-${arch} (musl)`;
  return libc === 'gnu' ? `${platform}-${arch} (glibc ${version()})` : `${platform}-${arch}`;
}

function version() {
  try {
    return glibc() ?? 'of unknown version';
  } catch {
    return 'of unknown version';
  }
}

function missing(abi, wanted, cause) {
  const name = `@loopwire/binding-${abi}`;
  if (!SUPPORTED.includes(abi)) {
    const text = `Loopwire has no native core for ${described(abi)}; it has one for ${SUPPORTED.join(', ')}`;
    return problem('ERR_BINDING_MISSING', text, cause);
  }
  return problem(
    'ERR_BINDING_MISSING',
    `the native core of Loopwire for ${described(abi)} is not installed: run \`npm install --no-save ${name}@${wanted}\`, ` +
      'or delete node_modules and package-lock.json and install again, without --omit=optional or --no-optional ' +
      '(a lockfile or a node_modules folder from another platform lacks it, too: npm bug 4828)',
    cause,
  );
}

function unloadable(file, abi, cause) {
  const [reason] = String(cause?.message ?? cause).split('\n');
  return problem(
    'ERR_BINDING_UNLOADABLE',
    `the native core of Loopwire is installed, but ${described(abi)} cannot load it from ${file}: ${reason}`,
    cause,
  );
}

function mismatch(file, found, wanted) {
  return problem(
    'ERR_BINDING_VERSION',
    `the native core at ${file} is ${found}, and this JavaScript is loopwire/${wanted}: ` +
      'install loopwire again, so that both have the same version',
  );
}

module.exports = { mismatch, missing, unloadable };
