import { bytesOf } from '../frame.js';
import { wrong } from './link/failure.js';

/** The bytes of a text, of any view or ArrayBuffer, and of nothing. */
export function toBytes(data = '') {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  if (!(data?.byteLength >= 0)) throw wrong('data must be a string or bytes');
  return bytesOf(data);
}

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
