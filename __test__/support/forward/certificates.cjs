// An authority of the test's own, and certificates that it signs. Made by openssl.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tool } = require('../needs.cjs');

const EC = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

const CONFIG = `[ca]
default_ca = d
[d]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = p
unique_subject = no
copy_extensions = copy
[p]
commonName = supplied
`;

/** An authority in an empty folder. */
function authority(folder) {
  const openssl = (...args) =>
    execFileSync(tool('openssl'), args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
  const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');
  fs.writeFileSync(path.join(folder, 'ca.cnf'), CONFIG);
  fs.writeFileSync(path.join(folder, 'index.txt'), '');
  fs.writeFileSync(path.join(folder, 'serial'), '01\n');
  const own = ['-subj', '/CN=An authority', '-days', '9', '-keyout', 'ca.key', '-out', 'ca.pem'];
  openssl('req', '-x509', ...EC, ...own);
  return {
    ca: read('ca.pem'),
    /** A certificate for a name (`IP:127.0.0.1`, `DNS:localhost`), valid for that time, and its key. */
    sign(name, from = '20200101000000Z', to = '20490101000000Z') {
      const asked = ['-subj', '/CN=a leaf', '-addext', `subjectAltName=${name}`];
      openssl('req', '-new', ...EC, ...asked, '-keyout', 'key.pem', '-out', 'leaf.csr');
      const valid = ['-startdate', from, '-enddate', to];
      const files = ['-in', 'leaf.csr', '-out', 'leaf.pem'];
      openssl('ca', '-config', 'ca.cnf', '-batch', '-notext', ...valid, ...files);
      return { cert: read('leaf.pem'), key: read('key.pem') };
    },
    /** A certificate that is its own authority, and its key. */
    selfSigned(name) {
      const asked = ['-subj', '/CN=itself', '-days', '9', '-addext', `subjectAltName=${name}`];
      openssl('req', '-x509', ...EC, ...asked, '-keyout', 'own.key', '-out', 'own.pem');
      return { cert: read('own.pem'), key: read('own.key') };
    },
  };
}

module.exports = { authority };
