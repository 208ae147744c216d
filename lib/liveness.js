// Liveness: forwarded ports keep the process alive until they are removed, as Node's servers do.
'use strict';

const { KeepAlive } = require('./keep-alive.js');

class Liveness {
  #binding;
  #keepAlive;

  constructor(binding) {
    this.#binding = binding;
    // Called when the first port is forwarded or the last one removed.
    binding.onLiveness(() => this.update());
  }

  update() {
    if (this.#binding.isForwarding()) {
      this.#keepAlive ??= new KeepAlive();
    } else {
      this.#keepAlive?.end();
      this.#keepAlive = undefined;
    }
  }
}

module.exports = { Liveness };
