// Snapshots of the workspace, with the methods of `workspace.snapshots`.

import { operate } from './link/operation.js';

export class Snapshots {
  #link;

  constructor(link) {
    this.#link = link;
  }

  create({ signal, ...data } = {}) {
    return operate(this.#link, 'snapshot:create', data, { signal });
  }

  restore(commitHash, { signal } = {}) {
    return operate(this.#link, 'snapshot:restore', { commitHash }, { signal });
  }

  async list({ signal, ...data } = {}) {
    return (await this.#link.ask('snapshot:list', data, { again: true, signal })).snapshots;
  }

  diff(from, to, { signal, ...data } = {}) {
    data = { from, to: to ?? undefined, ...data };
    return this.#link.ask('snapshot:diff', data, { again: true, signal });
  }

  async delete(commitHash, options) {
    await this.#link.ask('snapshot:delete', { commitHash }, options);
  }
}
