// The JavaScript API of Loopwire: hand-written functions over the native core, which binding.js loads.
'use strict';

const { drained: drainedOf } = require('./lib/events/drained.js');
const { noDescriptors } = require('./lib/errors.js');
const { serialise } = require('./lib/events/payload.js');
const { fallenBehind, traced } = require('./lib/idioms/diagnostics.js');
const { Liveness } = require('./lib/liveness.js');
const { ChannelListener } = require('./lib/listener.js');
const { native, own } = require('./lib/native.js');
const {
  signalOf,
  throwIfAborted,
  unlessAborted,
  unlessCancelled,
  withoutSignal,
} = require('./lib/signal.js');

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
  updateIpFormatAndPorts,
  NativeCancel,
  NativeListener,
} = native;

// The SDK's pages spell these two functions in two ways.
const setEnableProxyAuthen = setEnableProxyAuth;
const setProxyAuthen = setProxyAuth;

const liveness = new Liveness(native);

function startEventListener(port, token, callback, options) {
  return new ChannelListener(NativeListener, port, token, callback, options);
}

// Loaded by the first workspace: files cost more than anything else when the package is loaded.
let Workspace;

function loadWorkspace() {
  try {
    return require('./lib/workspace.js').Workspace;
  } catch (error) {
    // Without a file descriptor Node finds no file of ours, and says not what to do.
    throw error.code === 'EMFILE' ? noDescriptors(error) : error;
  }
}

function openWorkspace(root, options) {
  Workspace ??= loadWorkspace();
  return new Workspace(native, root, options);
}

// The places of the types that were used before. The last one is shared by further types (MAX_KINDS in Rust).
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
  const isText = typeof payload !== 'object' || payload === null;
  // Only JavaScript can serialise an object (toJSON, getters). This comes first, because it may run code of
  // the application, which may call `emit` itself, and whose exceptions stay what they are.
  const json = isText ? undefined : serialise(payload);
  try {
    const kind = kindOf(type);
    // Nothing, or false above the mark.
    const taken = isText ? publishText(kind, payload) : publishData(kind, json);
    return taken === undefined || fallenBehind(type);
  } catch (error) {
    throw own(error);
  }
}

function drained(options) {
  return drainedOf(native.whenDrained, options);
}

async function created(promise) {
  const result = await promise;
  // The caller may have nothing else that keeps the process alive: update that before the Promise resolves.
  liveness.update();
  return result;
}

function createWithId(port, proxyId, plan, actionType) {
  return created(native.createWithId(port, proxyId, plan, actionType));
}

function createProxyByPortConfigs(requestId, plan, list, n) {
  return created(native.createProxyByPortConfigs(requestId, plan, list, n));
}

function quickCreateProxies(requestId, plan, list, n, onlyFree) {
  return created(native.quickCreateProxies(requestId, plan, list, n, onlyFree));
}

function quickCreateAtPort(port, requestId, plan) {
  return created(native.quickCreateAtPort(port, requestId, plan));
}

function createWithConfigure(requestId, list, n, filterJson) {
  return created(native.createWithConfigure(requestId, list, n, filterJson));
}

function forward(given) {
  const [options, signal] = withoutSignal(given);
  const upstream = options?.upstream;
  // Only JavaScript can serialise an object.
  const text = typeof upstream === 'object' ? JSON.stringify(upstream) : upstream;
  const cancel = new NativeCancel();
  const forwarding = signal?.aborted ? undefined : native.forward(options, text, cancel);
  const begin = () => requested(signal, cancel, forwarding);
  return created(traced('forward', () => ({ port: options.port }), begin));
}

/**
 * What a request for a port comes to, or an AbortError: `running` is nothing if the signal had fired before. Whatever it
 * fails with after that, nothing has changed.
 */
async function requested(signal, cancel, running) {
  throwIfAborted(signal);
  return unlessCancelled(
    signal,
    () => cancel.cancel(),
    running,
    () => true,
  );
}

function rotate(port, options) {
  const signal = signalOf(options, 'rotate');
  if (signal === undefined) return native.rotate(port);
  const cancel = new NativeCancel();
  // At once, so that a wrong port throws here.
  const rotating = signal.aborted ? undefined : native.rotate(port, cancel);
  return requested(signal, cancel, rotating);
}

function testPort(port, options) {
  const signal = signalOf(options, 'testPort');
  if (signal === undefined) return native.testPort(port);
  const cancel = new NativeCancel();
  const testing = signal.aborted ? undefined : native.testPort(port, cancel);
  return tested(signal, cancel, testing);
}

async function tested(signal, cancel, testing) {
  throwIfAborted(signal);
  return unlessAborted(signal, testing, () => cancel.cancel());
}

function startHttpApi(port, options) {
  const result = native.startHttpApi(port, options);
  liveness.update();
  return result;
}

function stopHttpApi() {
  const result = native.stopHttpApi();
  liveness.update();
  return result;
}

function stopCommunicate() {
  const result = native.stopCommunicate();
  // All listeners: whether one is closed already depends on the thread that closes it.
  ChannelListener.forgetAll();
  return result;
}

async function shutdown() {
  const done = native.shutdown();
  ChannelListener.forgetAll();
  Workspace?.forgetAll();
  await done;
  liveness.update();
}

// Only names: Node reads them from this literal for `import { … }`, and stops at the first property
// that is an expression.
module.exports = {
  checkPortAvailable,
  cleanData,
  closeTokenChan,
  configure,
  createProxyByPortConfigs,
  createWithConfigure,
  createWithId,
  drained,
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
