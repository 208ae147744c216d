// `await using`: what is called at the end of a block.

/** Platforms that do not have it get the name that compilers put in its place. */
export const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
