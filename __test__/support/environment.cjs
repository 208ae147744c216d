// Node's environment of Jest, with an end: what a file has left in the package ends behind its last hook.
//
// The native core belongs to the process, and a worker of Jest runs one file after the other: without this, the events that a
// file leaves in the journal are the first ones that the next file reads, and what it leaves open keeps the worker from ending.
'use strict';

const path = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/** The settings of `configure`, which outlive a shutdown, as they are in the beginning. */
const USUAL = {
  journalBytes: 8 << 20,
  journalEvents: 65_536,
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  firstByteTimeoutMs: 120_000,
  idleTimeoutMs: 300_000,
  idleCheckMs: 30_000,
  probe: null,
  rotateOnError: false,
  allowProviderDirect: false,
};

/** The addons that this process has loaded. Jest loads them with Node's own `require`, whose cache this is. */
const addons = () =>
  Object.values(require.cache).filter(({ id }) => /^loopwire\..*\.node$/.test(path.basename(id)));

module.exports = class extends TestEnvironment {
  async handleTestEvent({ name }) {
    // Its own JavaScript knows what of it keeps the event loop running (watch.cjs).
    if (name === 'run_finish') await this.global.loopwireEnd?.();
  }

  async teardown() {
    for (const { exports } of addons()) {
      await exports.shutdown();
      exports.configure(USUAL);
    }
    await super.teardown();
  }
};
