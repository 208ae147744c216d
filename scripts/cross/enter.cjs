// Runs a command in a root: another system's files, this machine's kernel.
'use strict';

const lib = require('../lib.cjs');

/** The mounts are seen by that command alone, and end with it. */
const MOUNTS = `
root=$1; shift
for each in dev proc sys; do mount --rbind "/$each" "$root/$each" || exit; done
exec chroot "$root" "$@"`;

/** What a command gets mounts of its own by. */
const own = () => ['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];

/** Whether this machine lets it have them. */
const possible = () => lib.succeeds('unshare', [...own(), 'true']);

/**
 * @param {string} folder the root
 * @param {string[]} command
 * @param {Record<string, string>} [variables] all that it has, besides a path and a home
 * @param {Parameters<typeof lib.run>[2]} [options]
 */
function enter(folder, command, variables = {}, options = {}) {
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return lib.run('unshare', [...own(), 'sh', '-c', MOUNTS, 'sh', folder, ...command], {
    capture: true,
    ...options,
    env: {
      ...nothing,
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      ...variables,
    },
  });
}

module.exports = { enter, possible };
