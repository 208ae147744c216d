// A local port without permission: another error than a port in use.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const fixtures = require('../../../fixtures/forward.json');
const { when } = require('../../support/needs.cjs');

const NOBODY = 65_534;
const PORT = 80;

/** Whether there are ports that only root may have. Containers often have none. */
function guarded() {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  const first = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
  return process.getuid?.() === 0 && first > PORT;
}

const PROGRAM = `
  const loopwire = require(process.argv[1]);
  loopwire.startEventListener(0, loopwire.generateToken(), (data) => {
    const event = data.toString();
    if (event.includes('proxyError')) loopwire.shutdown().then(() => console.log(event));
  });
  loopwire.updateIpFormatAndPorts('127.0.0.1:%d', ${PORT}, 1);
  loopwire.forward({ port: ${PORT}, upstream: 'direct:', requestId: '1' }).catch(() => {});
`;

when(guarded(), 'root, and ports that only root may have').test(
  'permission denied is not port in use',
  async () => {
    const args = ['-e', PROGRAM, path.resolve(__dirname, '..', '..', '..')];
    const as = { uid: NOBODY, gid: NOBODY };
    const { stdout } = await promisify(execFile)(process.execPath, args, as);
    const wanted = fixtures.find(({ name }) => name === 'proxyError: permission denied');
    expect(JSON.parse(stdout)).toEqual(wanted.event);
  },
);
