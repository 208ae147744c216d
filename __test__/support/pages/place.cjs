// Where the sandbox's page has its workspace, and the certificate of its host.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tool } = require('../needs.cjs');

/** The directory of the page. */
const APP = '/opt/app';

/** Whether that directory can be made here and does not exist yet. */
function free() {
  if (process.platform === 'win32' || fs.existsSync(APP)) return false;
  try {
    fs.accessSync(path.dirname(APP), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes a certificate for a host, and its key. */
function certify(host, certificate, key) {
  const out = ['-keyout', key, '-out', certificate];
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const args = ['req', '-x509', '-nodes', ...ec, '-days', '9', ...names, ...out];
  execFileSync(tool('openssl'), args, { stdio: 'pipe' });
}

module.exports = { APP, certify, free };
