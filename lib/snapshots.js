// The snapshots of a workspace in JavaScript: Promises, and how far an operation is while it runs.
'use strict';

const { abortError, wrongType } = require('./errors.js');
const { calledFrom } = require('./stack.js');

class Snapshots {
  #native;

  constructor(native) {
    this.#native = native;
  }

  create(options) {
    const native = this.#native;
    return operation(native.snapshotRun(), options, (run, rest) =>
      native.createSnapshot(rest, run),
    );
  }

  restore(commitHash, options) {
    const native = this.#native;
    return operation(native.snapshotRun(), options, (run, rest) =>
      native.restoreSnapshot(commitHash, rest, run),
    );
  }

  // Asynchronous, so that a wrong argument rejects here, too.
  async list(options) {
    return this.#native.listSnapshots(options);
  }

  async diff(from, to, options) {
    return this.#native.diffSnapshots(from, to, options);
  }

  async delete(commitHash) {
    return this.#native.deleteSnapshot(commitHash);
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return 'Snapshots {}';
  }
}

// Starts an operation at once. Its Promise has `progress`, which ends with the operation, however that ends.
function operation(run, options, start) {
  const result = started(run, options, start);
  result.then(
    () => run.end(),
    () => run.end(),
  );
  return Object.defineProperty(result, 'progress', { get: () => progressOf(run) });
}

async function started(run, options, start) {
  const call = calledFrom();
  const [rest, signal] = withoutSignal(options);
  if (signal === undefined) return start(run, rest);
  const cancel = () => run.cancel();
  if (signal.aborted) cancel();
  const result = start(run, rest);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await result;
  } catch (error) {
    throw error.code === 'CANCELLED' ? abortError(signal, error.message, call) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

// The latest figures each time: what a slow reader has missed is out of date.
async function* progressOf(run) {
  let seen = 0;
  for (;;) {
    // It fails only when everything was shut down, which the Promise of the operation says.
    const next = await run.next(seen).catch(() => null);
    if (next === null || next === undefined) return;
    seen = next.number;
    yield next.progress;
  }
}

// The native core reads all options but the signal.
function withoutSignal(options) {
  if (typeof options !== 'object' || options === null) return [options, undefined];
  const { signal, ...rest } = options;
  if (signal === undefined || signal instanceof AbortSignal) return [rest, signal];
  throw wrongType('options.signal', 'an AbortSignal', signal);
}

module.exports = { Snapshots };
