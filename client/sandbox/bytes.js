import { bytesOf } from '../frame.js';

/** The bytes of a text, of any view or ArrayBuffer, and of nothing. Throws for anything else. */
export const toBytes = (data = '') =>
  typeof data === 'string' ? new TextEncoder().encode(data) : bytesOf(data);

/** Pieces as one. @param {Uint8Array[]} pieces */
export function join(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
