// The snapshots of a workspace in JavaScript: Promises, and how far an operation is while it runs.
'use strict';

const { traced } = require('./idioms/diagnostics.js');
const {
  signalOf,
  throwIfAborted,
  unlessAborted,
  unlessCancelled,
  withoutSignal,
} = require('./signal.js');

class Snapshots {
  #native;

  constructor(native) {
    this.#native = native;
  }

  create(options) {
    const native = this.#native;
    return operation('create', native.snapshotRun(), options, (run, rest) =>
      native.createSnapshot(rest, run),
    );
  }

  restore(commitHash, options) {
    const native = this.#native;
    return operation('restore', native.snapshotRun(), options, (run, rest) =>
      native.restoreSnapshot(commitHash, rest, run),
    );
  }

  // Asynchronous, so that a wrong argument rejects here, too.
  async list(options) {
    const [rest, signal] = withoutSignal(options);
    throwIfAborted(signal);
    return unlessAborted(signal, this.#native.listSnapshots(rest));
  }

  async diff(from, to, options) {
    const [rest, signal] = withoutSignal(options);
    throwIfAborted(signal);
    const run = this.#native.snapshotRun();
    const differs = this.#native.diffSnapshots(from, to, rest, run);
    return unlessAborted(signal, differs, () => run.cancel());
  }

  async delete(commitHash, options) {
    const signal = signalOf(options, 'delete');
    throwIfAborted(signal);
    const run = this.#native.snapshotRun();
    const deleted = this.#native.deleteSnapshot(commitHash, run);
    // Once its turn has come it is completed.
    return unlessCancelled(signal, () => run.cancel(), deleted);
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return 'Snapshots {}';
  }
}

// Starts an operation at once. Its Promise has `progress`, which ends with the operation, however that ends.
function operation(action, run, options, start) {
  const result = traced(
    'snapshot',
    () => ({ action }),
    () => started(run, options, start),
  );
  result.then(
    () => run.end(),
    () => run.end(),
  );
  return Object.defineProperty(result, 'progress', { get: () => progressOf(run) });
}

async function started(run, options, start) {
  const [rest, signal] = withoutSignal(options);
  const cancel = () => run.cancel();
  // Cancelled before, it starts nothing, but a wrong option is wrong in any case.
  if (signal?.aborted) cancel();
  return unlessCancelled(signal, cancel, start(run, rest));
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

module.exports = { Snapshots };
