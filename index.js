// The public face of Loopwire: hand-written names over the generated binding.js.
'use strict';

const binding = require('./binding.js');
const { ChannelListener } = require('./lib/listener.js');

const {
  configure,
  generateToken,
  getVersionInfo,
  publish,
  sdkGetLastError,
  startCommunicate,
  NativeListener,
} = binding;

function startEventListener(port, token, callback, options) {
  return new ChannelListener(NativeListener, port, token, callback, options);
}

function emit(type, payload) {
  // What an object's JSON is, only JavaScript can say (toJSON, getters); all else is Rust's.
  if (typeof payload === 'object' && payload !== null) {
    return publish(type, JSON.stringify(payload), true);
  }
  return publish(type, payload, false);
}

function stopCommunicate() {
  const result = binding.stopCommunicate();
  // All of them: whether each has been closed already is a race with the thread that does it.
  ChannelListener.forgetAll();
  return result;
}

async function shutdown() {
  const done = binding.shutdown();
  ChannelListener.forgetAll();
  await done;
}

// Bare names only: Node reads them off this literal for `import { … }`, and stops at the first
// property that is an expression.
module.exports = {
  configure,
  emit,
  generateToken,
  getVersionInfo,
  sdkGetLastError,
  shutdown,
  startCommunicate,
  startEventListener,
  stopCommunicate,
};
