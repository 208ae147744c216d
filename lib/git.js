// Git operations in JavaScript: each is a Promise that also tells how far it is, and can be cancelled.
'use strict';

const { traced } = require('./idioms/diagnostics.js');
const { abortError, wrongType } = require('./errors.js');
const { checkSignal, unlessCancelled } = require('./signal.js');

class Git {
  #start;

  constructor(start) {
    this.#start = start;
  }

  clone(options) {
    return begin(this.#start, 'clone', options);
  }

  fetch(options) {
    return begin(this.#start, 'fetch', options);
  }

  pull(options) {
    return begin(this.#start, 'pull', options);
  }

  push(options) {
    return begin(this.#start, 'push', options);
  }

  checkout(options) {
    return begin(this.#start, 'checkout', options);
  }
}

function begin(start, kind, options) {
  const { signal, onCredentials } = options ?? {};
  checkSignal(signal);
  if (onCredentials !== undefined && typeof onCredentials !== 'function') {
    throw wrongType('options.onCredentials', 'a function', onCredentials);
  }
  // With a signal that has fired already nothing is started, but a wrong option is wrong in any case.
  const operation = start(kind, options, onCredentials !== undefined, signal?.aborted === true);
  const context = () => ({ action: kind, id: operation?.id });
  const ended = traced('git', context, () => outcome(operation, signal, onCredentials));
  return Object.defineProperties(ended, {
    id: { value: operation?.id ?? undefined, enumerable: true },
    progress: { value: { [Symbol.asyncIterator]: () => progressOf(operation) }, enumerable: true },
    cancel: { value: () => operation?.cancel(), enumerable: true },
  });
}

async function outcome(operation, signal, onCredentials) {
  if (operation === null || operation === undefined) throw abortError(signal);
  const asked = { failure: undefined };
  if (onCredentials !== undefined) answer(operation, onCredentials, asked);
  const done = operation.done().catch((error) => {
    if (asked.failure !== undefined) error.cause = asked.failure;
    throw error;
  });
  return unlessCancelled(signal, () => operation.cancel(), done);
}

// Answers the questions of an operation until it has ended. Never rejects.
async function answer(operation, onCredentials, asked) {
  for (;;) {
    // Rejects if the runtime is shut down; `done` says so.
    const question = await operation.question().catch(() => null);
    if (question === null || question === undefined) return;
    try {
      operation.answer(await onCredentials({ id: operation.id, ...question }));
    } catch (error) {
      // The question may be closed by now: nobody waits for the answer any more.
      if (error?.code === 'GONE') continue;
      asked.failure ??= error;
      try {
        operation.answer(null);
      } catch {
        // As above.
      }
    }
  }
}

async function* progressOf(operation) {
  const reader = operation?.progress();
  for (;;) {
    const progress = await reader?.next();
    if (progress === null || progress === undefined) return;
    yield progress;
  }
}

module.exports = { Git };
