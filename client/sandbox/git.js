// Git in the workspace, with the methods of `workspace.git`.

import { operate } from './link/operation.js';

export function git(link) {
  const operation =
    (name) =>
    ({ signal, onCredentials, ...data }) =>
      operate(link, `git:${name}`, data, { signal, onCredentials, cancel: true });
  return {
    clone: operation('clone'),
    fetch: operation('fetch'),
    pull: operation('pull'),
    push: operation('push'),
    checkout: operation('checkout'),
  };
}
