// The public face of Loopwire: hand-written names over the generated binding.js.
'use strict';

const binding = require('./binding.js');
const { Liveness } = require('./lib/liveness.js');
const { ChannelListener } = require('./lib/listener.js');
const { Workspace } = require('./lib/workspace.js');

const {
  checkPortAvailable,
  cleanData,
  closeTokenChan,
  configure,
  enableAutoRenew,
  enableAutoRotation,
  enableDebug,
  generateToken,
  getAPIHost,
  getAutoRefreshProxyCountLimit,
  getAutoRefreshProxyRateLimit,
  getConfigJSON,
  getConfigsJSON,
  getEnableAutoRenew,
  getPorts,
  getPortsAvailable,
  getPortsFreeWithLimit,
  getPortsWithLimit,
  getPortsWithStartLimit,
  getVersionInfo,
  initialize,
  internType,
  isRunningPort,
  ports,
  publishData,
  publishText,
  putConfigPort,
  removePort,
  restoreData,
  rotate,
  run,
  runAsync,
  sdkGetLastError,
  setAPIHost,
  setAutoRotationSetting,
  setConfigPorts,
  setEnableProxyAuth,
  setHeader,
  setProtocol,
  setProxyAuth,
  setQuery,
  setRangePort,
  setRenewSetting,
  setSaveDataPath,
  setUserCountryCode,
  startCommunicate,
  stats,
  stopProxy,
  testPort,
  updateIpFormatAndPorts,
  NativeListener,
  NativeWorkspace,
} = binding;

// The other spellings that the SDK's pages have of the same functions.
const setEnableProxyAuthen = setEnableProxyAuth;
const setProxyAuthen = setProxyAuth;

const liveness = new Liveness(binding);

function startEventListener(port, token, callback, options) {
  return new ChannelListener(NativeListener, port, token, callback, options);
}

function openWorkspace(root, options) {
  return new Workspace(NativeWorkspace, root, options);
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

function createProxyByPortConfigs(requestId, plan, list, n) {
  return created(binding.createProxyByPortConfigs(requestId, plan, list, n));
}

function quickCreateProxies(requestId, plan, list, n, onlyFree) {
  return created(binding.quickCreateProxies(requestId, plan, list, n, onlyFree));
}

function quickCreateAtPort(port, requestId, plan) {
  return created(binding.quickCreateAtPort(port, requestId, plan));
}

function createWithConfigure(requestId, list, n, filterJson) {
  return created(binding.createWithConfigure(requestId, list, n, filterJson));
}

function forward(options) {
  const upstream = options?.upstream;
  // What an object's JSON is, only JavaScript can say.
  const text = typeof upstream === 'object' ? JSON.stringify(upstream) : upstream;
  return created(binding.forward(options, text));
}

function startHttpApi(port, options) {
  const result = binding.startHttpApi(port, options);
  liveness.look();
  return result;
}

function stopHttpApi() {
  const result = binding.stopHttpApi();
  liveness.look();
  return result;
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
  Workspace.forgetAll();
  await done;
  liveness.look();
}

// Bare names only: Node reads them off this literal for `import { … }`, and stops at the first
// property that is an expression.
module.exports = {
  checkPortAvailable,
  cleanData,
  closeTokenChan,
  configure,
  createProxyByPortConfigs,
  createWithConfigure,
  createWithId,
  emit,
  enableAutoRenew,
  enableAutoRotation,
  enableDebug,
  forward,
  generateToken,
  getAPIHost,
  getAutoRefreshProxyCountLimit,
  getAutoRefreshProxyRateLimit,
  getConfigJSON,
  getConfigsJSON,
  getEnableAutoRenew,
  getPorts,
  getPortsAvailable,
  getPortsFreeWithLimit,
  getPortsWithLimit,
  getPortsWithStartLimit,
  getVersionInfo,
  initialize,
  isRunningPort,
  openWorkspace,
  ports,
  putConfigPort,
  quickCreateAtPort,
  quickCreateProxies,
  removePort,
  restoreData,
  rotate,
  run,
  runAsync,
  sdkGetLastError,
  setAPIHost,
  setAutoRotationSetting,
  setConfigPorts,
  setEnableProxyAuth,
  setEnableProxyAuthen,
  setHeader,
  setProtocol,
  setProxyAuth,
  setProxyAuthen,
  setQuery,
  setRangePort,
  setRenewSetting,
  setSaveDataPath,
  setUserCountryCode,
  shutdown,
  startCommunicate,
  startEventListener,
  startHttpApi,
  stats,
  stopCommunicate,
  stopHttpApi,
  stopProxy,
  testPort,
  updateIpFormatAndPorts,
};
