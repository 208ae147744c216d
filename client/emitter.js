// Listeners by name. One that throws stops neither the others nor the client: its error is reported as uncaught.

export class Emitter {
  #listeners = new Map();

  on(name, listener, once = false) {
    if (typeof listener !== 'function') throw new TypeError('the listener must be a function');
    // A new list each time, so that an `emit` that is under way goes through the old one.
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { listener, once }]);
  }

  once(name, listener) {
    this.on(name, listener, true);
  }

  off(name, listener) {
    const entries = this.#listeners.get(name) ?? [];
    const last = entries.findLast((entry) => entry.listener === listener);
    this.#listeners.set(
      name,
      entries.filter((entry) => entry !== last),
    );
  }

  emit(name, value) {
    for (const { listener, once } of this.#listeners.get(name) ?? []) {
      if (once) this.off(name, listener);
      try {
        listener(value);
      } catch (error) {
        // As an exception in a listener of the platform's own events: to `window.onerror`, or to `uncaughtException`.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
