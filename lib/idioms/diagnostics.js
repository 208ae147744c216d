// What is told to `node:diagnostics_channel`. Without a subscriber it costs a look at a property. No message holds a token
// or a listener, whose `url` has one.
'use strict';

const { builtin } = require('../loader/builtin.js');

const { channel, tracingChannel } = builtin('node:diagnostics_channel');

const listener = channel('loopwire:listener');
const connection = channel('loopwire:connection');
const behind = channel('loopwire:behind');

// The channels of each operation, from its first call on: making them takes longer than loading this file.
const tracing = {};

/** A listener opens or closes. */
function listening(change, source) {
  if (!listener.hasSubscribers) return;
  const { host, port } = source;
  listener.publish({ change, host, port });
}

/** The options of a listener, with an `onConnection` that also tells subscribers, if there are any at its start. */
function connected(source, options) {
  if (!connection.hasSubscribers || !isAbsentOr(options, 'object')) return options;
  const onConnection = options?.onConnection;
  // A wrong one is refused with the other options.
  if (!isAbsentOr(onConnection, 'function')) return options;
  return {
    ...options,
    onConnection(who, change, info) {
      const { host, port } = source;
      connection.publish({ change, host, port, connection: who, ...info });
      onConnection?.(who, change, info);
    },
  };
}

function isAbsentOr(value, type) {
  return value === undefined || (typeof value === type && value !== null);
}

/** An event was published, but its readers are far behind. Always false, which `emit` returns. */
function fallenBehind(type) {
  if (behind.hasSubscribers) behind.publish({ type });
  return false;
}

// `hasSubscribers` of a tracing channel is younger than Node 20.0.
function isTraced(channels) {
  if (channels === undefined) return false;
  const { start, end, asyncStart, asyncEnd, error } = channels;
  return [start, end, asyncStart, asyncEnd, error].some((one) => one.hasSubscribers);
}

/**
 * Runs an asynchronous operation, and tells its subscribers as `tracePromise` of Node does. That one would also wrap what
 * nobody traces.
 */
function traced(name, context, begin) {
  const channels = (tracing[name] ??= tracingChannel?.(`loopwire:${name}`));
  if (!isTraced(channels)) return begin();
  return channels.tracePromise(begin, context());
}

module.exports = { connected, fallenBehind, listening, traced };
