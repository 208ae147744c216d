// A Promise that somebody else settles.

export function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  // Whoever waits for it gets the rejection. If nobody does, it ends no Node process.
  promise.catch(() => {});
  return { promise, ...settle };
}
