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

/** Two test files want it, and may run at the same time: this has the process of the one that has it. */
const LOCK = path.join(os.tmpdir(), 'loopwire-sandbox-page');

/** Whether a process has the directory. */
function isTaken() {
  try {
    return process.kill(Number(fs.readFileSync(LOCK, 'utf8')), 0);
  } catch {
    return false;
  }
}

/** Whether the directory is there, and not one of these tests has made it. */
const isTheirs = () => fs.existsSync(APP) && !isTaken();

/** Whether that directory can be made here and does not exist yet, or will not when the other test has ended. */
function free() {
  // Asked twice: it may be given back between the two looks.
  if (process.platform === 'win32' || [isTheirs, isTheirs].every((look) => look())) return false;
  try {
    fs.accessSync(path.dirname(APP), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The time for the hook that takes the directory: as long as the other test runs on a slow machine. */
const TAKE_MS = 300_000;

/** Makes the directory as soon as no other test has it; what is given gives it back. */
async function take() {
  for (;;) {
    try {
      fs.writeFileSync(LOCK, `${process.pid}`, { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      // One that was killed has left it.
      if (!isTaken()) fs.rmSync(LOCK, { force: true });
      else await sleep(50);
    }
  }
  fs.mkdirSync(APP);
  const scripts = { dev: 'echo the server runs', build: 'echo built' };
  fs.writeFileSync(path.join(APP, 'package.json'), JSON.stringify({ name: 'app', scripts }));
  return () => {
    fs.rmSync(APP, { recursive: true, force: true });
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
