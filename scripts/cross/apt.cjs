// Packages of Debian, fetched by name and unpacked: nothing is installed, and the machine's own lists are left alone.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const lib = require('../lib.cjs');
const { at, current, must } = require('./place.cjs');

const MIRROR = 'http://deb.debian.org';
/** The oldest Debian that it has: what is for it runs on this machine, too. */
const OLDEST = 'bullseye';
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Lists are of a day: the mirror deletes what newer versions replace. */
const TODAY = new Date().toISOString().slice(0, 10);

/**
 * @typedef {object} Archive
 * @property {string} suite
 * @property {string} arch as Debian says it: `arm64`
 * @property {boolean} [whole] whether what this machine has installed counts for nothing, as in a root of its own
 * @property {'deb-src'} [kind] sources, and not what was built of them
 */

/** The settings of an apt of its own. @param {Archive} archive @param {string} folder */
const settings = ({ arch, whole }, folder) =>
  [
    `Dir=${folder}`,
    `Dir::State::status=${whole ? path.join(folder, 'status') : '/var/lib/dpkg/status'}`,
    `APT::Architecture=${arch}`,
    'APT::Architectures=',
    `APT::Architectures::=${arch}`,
    'APT::Sandbox::User=root',
    'APT::Install-Recommends=false',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((setting) => ['-o', setting]);

/** @param {string} place @param {string} suite */
const source = (place, suite, kind = 'deb') =>
  `${kind} [signed-by=${KEYS}] ${MIRROR}/${place} ${suite} main\n`;

/** Its lists of packages, fetched once a day. @param {Archive} archive */
async function lists(archive) {
  const { suite, arch, whole, kind } = archive;
  if (!lib.firstLine('apt-get', ['--version'])) {
    throw new lib.Problem('no apt-get here, which fetches packages of Debian');
  }
  if (!fs.existsSync(KEYS)) {
    throw new lib.Problem(`no ${KEYS} here: apt-get install debian-archive-keyring`);
  }
  const folder = at('apt', `${suite}-${kind ?? arch}${whole ? '' : '-here'}`);
  return current(folder, TODAY, async (made) => {
    const etc = path.join(made, 'etc', 'apt');
    const folders = ['preferences.d', 'apt.conf.d', 'trusted.gpg.d', 'sources.list.d'];
    for (const name of folders) fs.mkdirSync(path.join(etc, name), { recursive: true });
    for (const name of ['lists/partial', 'cache/archives/partial']) {
      const [kind, ...rest] = name.split('/');
      const base = kind === 'lists' ? 'var/lib/apt/lists' : 'var/cache/apt/archives';
      fs.mkdirSync(path.join(made, base, ...rest.slice(-1)), { recursive: true });
    }
    fs.writeFileSync(path.join(made, 'status'), '');
    fs.writeFileSync(
      path.join(etc, 'sources.list'),
      // A root of its own is for trying; the fixes for old systems are gone from the mirror for some processors.
      source('debian', suite, kind) + (whole ? '' : source('debian-security', `${suite}-security`)),
    );
    await must('apt-get', [...settings(archive, made), 'update']);
  });
}

/**
 * Fetches packages, with what they depend on unless they are to come alone.
 *
 * @param {Archive} archive
 * @param {string[]} packages
 * @param {{alone?: boolean}} [options]
 * @returns {Promise<string[]>} the files
 */
async function download(archive, packages, { alone = false } = {}) {
  const folder = await lists(archive);
  const files = path.join(folder, 'var', 'cache', 'apt', 'archives');
  const flags = settings(archive, folder);
  let names = packages;
  if (!alone) {
    const simulated = await must('apt-get', [...flags, '--simulate', 'install', ...packages]);
    const lacking = [...simulated.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
    // What the machine has installed counts as there, but what was asked for is to be unpacked.
    names = [...new Set([...packages, ...lacking])];
  }
  const uris = await must('apt-get', [...flags, '--print-uris', 'download', ...names]);
  const wanted = [...uris.matchAll(/^'(\S+)' (\S+)/gm)].map(([, , file]) => file);
  // They are listed in an order of their own.
  const missing = wanted
    .filter((file) => !fs.existsSync(path.join(files, file)))
    .map((file) => file.split('_')[0]);
  if (missing.length > 0) await fetched(files, [...flags, 'download', ...missing]);
  return wanted.map((file) => path.join(files, file));
}

/** Calls apt-get; what it has fetched is put into the folder when all of it is there. @param {string} files @param {string[]} args */
async function fetched(files, args) {
  const cwd = path.join(files, 'partial');
  fs.rmSync(cwd, { recursive: true, force: true });
  fs.mkdirSync(cwd);
  await must('apt-get', args, { cwd });
  for (const name of fs.readdirSync(cwd)) {
    fs.renameSync(path.join(cwd, name), path.join(files, name));
  }
}

/**
 * The archive with a program's sources, as its authors have released them.
 *
 * @param {string} suite
 * @param {string} name
 */
async function sources(suite, name) {
  /** @type {Archive} */
  const archive = { suite, arch: 'amd64', whole: true, kind: 'deb-src' };
  const folder = await lists(archive);
  const files = path.join(folder, 'var', 'cache', 'apt', 'archives');
  const flags = [...settings(archive, folder), '--download-only', '--tar-only'];
  const uris = await must('apt-get', [...flags, '--print-uris', 'source', name]);
  const file = /^'\S+' (\S+\.orig\.tar\.\w+) /m.exec(uris)?.[1];
  if (!file) throw new lib.Problem(`Debian has no sources of ${name}`);
  if (!fs.existsSync(path.join(files, file))) await fetched(files, [...flags, 'source', name]);
  return path.join(files, file);
}

/** Unpacks packages into a folder; no script of theirs runs. @param {string[]} files @param {string} folder */
async function unpack(files, folder) {
  for (const file of files) await must('dpkg-deb', ['-x', file, folder]);
}

module.exports = { OLDEST, download, sources, unpack };
