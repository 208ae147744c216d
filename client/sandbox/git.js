// Git in the workspace, with the methods of `workspace.git`.

import { operate } from './link/operation.js';

export class Git {
  #link;

  constructor(link) {
    this.#link = link;
  }

  clone(options) {
    return this.#run('clone', options);
  }

  fetch(options) {
    return this.#run('fetch', options);
  }

  pull(options) {
    return this.#run('pull', options);
  }

  push(options) {
    return this.#run('push', options);
  }

  checkout(options) {
    return this.#run('checkout', options);
  }

  #run(name, { signal, onCredentials, ...data }) {
    return operate(this.#link, `git:${name}`, data, { signal, onCredentials, cancel: true });
  }
}
