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

  async list({ limit } = {}) {
    return (await this.#link.ask('snapshot:list', { limit }, { again: true })).snapshots;
  }

  diff(from, to, { limit } = {}) {
    return this.#link.ask('snapshot:diff', { from, to: to ?? undefined, limit }, { again: true });
  }

  async delete(commitHash) {
    await this.#link.ask('snapshot:delete', { commitHash });
  }
}
