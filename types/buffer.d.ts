// What stands for Node's types of bytes in the types of this package.

/// <reference types="node" />

/**
 * Node's `Buffer`. Without `@types/node` it is a `Uint8Array`, which every Buffer is: a name that the compiler does not find
 * would become `any` in silence.
 */
export type Buffer = typeof globalThis extends {
  Buffer: { isBuffer(value: any): value is infer Found };
}
  ? Found
  : Uint8Array;

/** The names of encodings that Node knows. Without `@types/node` any text. */
export type BufferEncoding = typeof globalThis extends {
  Buffer: { isEncoding(value: string): value is infer Found extends string };
}
  ? Found
  : string;
