// Where the sandbox's page has its workspace, and the certificate of its host.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { tool } = require('../needs.cjs');

/** The directory of the page. */
const APP = '/opt/app';

const PACKAGE = JSON.stringify({
  name: 'app',
  scripts: { dev: 'echo the server runs', build: 'echo built' },
});

/** Two test files want it, and may run at the same time: this names the process of the one that has it. */
const LOCK = path.join(os.tmpdir(), 'loopwire-sandbox-page');

/** A process, so that another one that gets its number later, or after a restart of the machine, is not taken for it. */
function named(pid) {
  try {
    // The 22nd field: when it was started. The second may have spaces and brackets in it.
    const [, fields] = /^.*\) (.*)$/s.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return `${pid} ${fields.split(' ')[19]}`;
  } catch {
    return `${pid}`;
  }
}

/** Whether a process has the directory. */
function isTaken() {
  try {
    const owner = fs.readFileSync(LOCK, 'utf8');
    const [pid] = owner.split(' ');
    return process.kill(Number(pid), 0) && named(pid) === owner;
  } catch {
    return false;
  }
}

/** Whether the directory was made by one of these tests: one that is running, or was killed and could not remove it. */
function isOurs() {
  try {
    return fs.readFileSync(path.join(APP, 'package.json'), 'utf8') === PACKAGE;
  } catch {
    return false;
  }
}

/** Whether that directory can be made here, or is one of ours. */
function free() {
  if (process.platform === 'win32') return false;
  // Asked once more: it may be given back between the two looks.
  if (fs.existsSync(APP) && !isOurs() && fs.existsSync(APP)) return false;
  try {
    fs.accessSync(path.dirname(APP), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The time for the hook that takes the directory: as long as the other test runs on a slow machine. */
const TAKE_MS = 300_000;

/** Beside the directory, for what is not whole yet, or no longer. */
const aside = () => path.join(path.dirname(APP), `.loopwire-app-${process.pid}`);

/** Removes the directory; whoever looks meanwhile finds all of it or nothing. */
function remove() {
  fs.renameSync(APP, aside());
  fs.rmSync(aside(), { recursive: true, force: true });
}

/** Takes the lock, unless a process has it that is running. */
function lock() {
  const mine = `${LOCK}-${process.pid}`;
  fs.writeFileSync(mine, named(process.pid));
  try {
    // With its content at once: an empty one would name nobody.
    fs.linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    // One that was killed has left it.
    if (!isTaken()) fs.rmSync(LOCK, { force: true });
    return false;
  } finally {
    fs.rmSync(mine);
  }
}

/** Makes the directory as soon as no other test has it; what is given gives it back. */
async function take() {
  while (!lock()) await sleep(50);
  if (isOurs()) remove();
  fs.mkdirSync(aside());
  fs.writeFileSync(path.join(aside(), 'package.json'), PACKAGE);
  fs.renameSync(aside(), APP);
  return () => {
    remove();
    fs.rmSync(LOCK);
  };
}

/** Makes a certificate for a host, and its key. */
function certify(host, certificate, key) {
  const out = ['-keyout', key, '-out', certificate];
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const args = ['req', '-x509', '-nodes', ...ec, '-days', '9', ...names, ...out];
  execFileSync(tool('openssl'), args, { stdio: 'pipe' });
}

module.exports = { APP, TAKE_MS, certify, free, take };
