// `await using`: what a class does at the end of a block.
'use strict';

/** Has `await using` call `close()` of the class. Older versions of Node do not have the symbol. */
function closeAtDispose(Class) {
  if (!Symbol.asyncDispose) return;
  Object.defineProperty(Class.prototype, Symbol.asyncDispose, {
    // Looked up at the call, as for any other method: a class may be extended.
    async value() {
      await this.close();
    },
    configurable: true,
    writable: true,
  });
}

module.exports = { closeAtDispose };
