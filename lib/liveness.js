// Liveness: forwarded ports keep the process alive until they are removed, as Node's own servers do.
'use strict';

const { KeepAlive } = require('./keep-alive.js');

class Liveness {
  #binding;
  #keepAlive;

  constructor(binding) {
    this.#binding = binding;
    // Rung when the first port comes or the last one goes, from whatever thread.
    binding.onLiveness(() => this.look());
  }

  look() {
    if (this.#binding.isForwarding()) {
      this.#keepAlive ??= new KeepAlive();
    } else {
      this.#keepAlive?.end();
      this.#keepAlive = undefined;
    }
  }
}

module.exports = { Liveness };
