// Snapshots of the workspace, with the methods of `workspace.snapshots`.

import { operate } from './link/operation.js';

export const snapshots = (link) => ({
  create: ({ signal, ...data } = {}) => operate(link, 'snapshot:create', data, { signal }),

  restore: (commitHash, { signal } = {}) =>
    operate(link, 'snapshot:restore', { commitHash }, { signal }),

  list: async ({ limit } = {}) =>
    (await link.ask('snapshot:list', { limit }, { again: true })).snapshots,

  diff: (from, to, { limit } = {}) =>
    link.ask('snapshot:diff', { from, to: to ?? undefined, limit }, { again: true }),

  delete: async (commitHash) => void (await link.ask('snapshot:delete', { commitHash })),
});
