// The public face of Loopwire: hand-written names over the generated binding.js.
'use strict';

const binding = require('./binding.js');
const { Liveness } = require('./lib/liveness.js');
const { ChannelListener } = require('./lib/listener.js');

const {
  configure,
  enableDebug,
  generateToken,
  getConfigJSON,
  getVersionInfo,
  internType,
  publishData,
  publishText,
  removePort,
  runAsync,
  sdkGetLastError,
  setAPIHost,
  startCommunicate,
  stopProxy,
  updateIpFormatAndPorts,
  NativeListener,
} = binding;

const liveness = new Liveness(binding);

function startEventListener(port, token, callback, options) {
  return new ChannelListener(NativeListener, port, token, callback, options);
}

// The places of the types that were seen (MAX_KINDS in Rust; the last place is shared).
const MAX_KINDS = 256;
const kinds = new Map();

function kindOf(type) {
  let kind = kinds.get(type);
  if (kind === undefined) {
    kind = internType(type);
    if (kind < MAX_KINDS - 1) kinds.set(type, kind);
  }
  return kind;
}

function emit(type, payload) {
  if (typeof payload !== 'object' || payload === null) return publishText(kindOf(type), payload);
  // What an object's JSON is, only JavaScript can say (toJSON, getters); all else is Rust's. It comes first:
  // it may run the application's code, which may emit something itself.
  const json = JSON.stringify(payload);
  return publishData(kindOf(type), json);
}

async function created(promise) {
  const result = await promise;
  // Whoever waits for a port may have nothing else that keeps the process alive: look before going on.
  liveness.look();
  return result;
}

function createWithId(port, proxyId, plan, actionType) {
  return created(binding.createWithId(port, proxyId, plan, actionType));
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
  liveness.look();
}

// Bare names only: Node reads them off this literal for `import { … }`, and stops at the first
// property that is an expression.
module.exports = {
  configure,
  createWithId,
  emit,
  enableDebug,
  generateToken,
  getConfigJSON,
  getVersionInfo,
  removePort,
  runAsync,
  sdkGetLastError,
  setAPIHost,
  shutdown,
  startCommunicate,
  startEventListener,
  stopCommunicate,
  stopProxy,
  updateIpFormatAndPorts,
};
