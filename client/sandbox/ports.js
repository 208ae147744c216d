// The forwarded ports of the listener's process.

export const ports = (link) => ({
  list: async () => (await link.ask('port:list', {}, { again: true })).ports,
  rotate: (port) => link.ask('port:rotate', { port }),
  remove: async (port) => (await link.ask('port:remove', { port })).removed,
});
