// The public types of Loopwire: the generated ones of binding.d.ts, and those of the JavaScript API in types/.
/// <reference lib="esnext.disposable" />

export {
  checkPortAvailable,
  cleanData,
  closeTokenChan,
  configure,
  createProxyByPortConfigs,
  createWithConfigure,
  createWithId,
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
  isRunningPort,
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
  setHeader,
  setProtocol,
  setProxyAuth,
  setQuery,
  setRangePort,
  setRenewSetting,
  setSaveDataPath,
  setUserCountryCode,
  startCommunicate,
  startHttpApi,
  stats,
  stopHttpApi,
  stopProxy,
  testPort,
  updateIpFormatAndPorts,
} from './binding.js';
export type {
  Connection,
  ConnectionBehind,
  ConnectionState,
  FileChange,
  Forwarded,
  ForwardStats,
  GitProgressInfo,
  GitQuestion,
  GitResult,
  HttpApiOptions,
  ListenerAddress,
  ListenerStats,
  PortInfo,
  Probe,
  Settings,
  SnapshotChange,
  SnapshotCreated,
  SnapshotDiff,
  SnapshotInfo,
  SnapshotProgress,
  SnapshotRestored,
  SnapshotSkipped,
  TerminalChunk,
  TerminalExit,
  UpstreamInfo,
  WatchReady,
  Written,
} from './binding.js';
/** The same as `setEnableProxyAuth`: the SDK's pages have both names. */
export { setEnableProxyAuth as setEnableProxyAuthen } from './binding.js';
/** The same as `setProxyAuth`: the SDK's pages have both names. */
export { setProxyAuth as setProxyAuthen } from './binding.js';

export { drained, emit, shutdown, startEventListener, stopCommunicate } from './types/channel.js';
export type {
  AnyEvent,
  ChannelListener,
  ConnectionChange,
  ConnectionInfo,
  EmitArguments,
  Format,
  ListenerOptions,
} from './types/channel.js';
export type { ErrorCause, LoopwireError } from './types/errors.js';
export { forward } from './types/forward.js';
export type { ForwardOptions, Upstream } from './types/forward.js';
export { openWorkspace } from './types/workspace.js';
export type {
  Bytes,
  CommandOptions,
  Executed,
  ExecuteOptions,
  Terminal,
  TerminalOptions,
  Workspace,
  WorkspaceOptions,
} from './types/workspace.js';
export type {
  Git,
  GitAuth,
  GitCheckoutOptions,
  GitCloneOptions,
  GitCredentials,
  GitExchangeOptions,
  GitOperation,
  GitOptions,
} from './types/git.js';
export type { SnapshotCreateOptions, SnapshotOperation, Snapshots } from './types/snapshots.js';
export type { FileWatch, WatchOptions } from './types/watch.js';
export type * from './types/wire/index.js';
