// What this machine must have: said before anything is built, and with what helps.
'use strict';

const lib = require('../lib.cjs');
const { possible } = require('./enter.cjs');

/** Programs that are called by name, and the package of Debian that has each. */
const PROGRAMS = [
  { command: ['cc', '--version'], packages: ['gcc'] },
  { command: ['python3', '-m', 'pip', '--version'], packages: ['python3', 'python3-pip'] },
  { command: ['apt-get', '--version'], packages: ['apt'] },
  { command: ['dpkg-deb', '--version'], packages: ['dpkg'] },
];

const NO_MOUNTS = [
  "--run needs mounts of its own for another system's files, which this machine refuses. In a container",
  '`--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined` permits them, on Ubuntu',
  '`sysctl kernel.apparmor_restrict_unprivileged_userns=0`.',
].join(' ');

/** Fails with what is missing. @param {{run?: boolean}} options */
function check({ run = false }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const words = 'This builds on Linux on x64 only; each other platform can build its own.';
    throw new lib.Problem(words);
  }
  const missing = PROGRAMS.filter(({ command: [name, ...args] }) => !lib.succeeds(name, args));
  if (missing.length > 0) {
    const names = missing.map(({ command }) => command.slice(0, -1).join(' ')).join(', ');
    const packages = missing.flatMap((each) => each.packages).join(' ');
    throw new lib.Problem(`There is no ${names} here: apt-get install ${packages}`);
  }
  if (run && !possible()) throw new lib.Problem(NO_MOUNTS);
}

module.exports = { check };
