// The input of a remote command: what the command has not taken yet is kept, and sent again on the next connection from where
// the listener has it.
'use strict';

/** How much may be under way to a command that does not read: half of what a listener keeps for it. */
const WINDOW_BYTES = 512 << 10;
/** The largest piece: small enough that others on the connection get their turn. */
const PIECE_BYTES = 64 << 10;
/** How soon the end of the input is said again if the connection had no room for it. */
const RETRY_MS = 50;

class Outgoing {
  #send;
  #end;
  #pieces = [];
  /** How many bytes were read here, how many the listener has, and how many the command has taken. */
  #read = 0;
  #there = 0;
  #taken = 0;
  #open = false;
  #ended = false;
  #room;
  #timer;

  /**
   * @param {(offset: number, bytes: Uint8Array) => boolean} send false if there is no connection
   * @param {() => boolean} end says that nothing follows; false if it could not be sent
   */
  constructor(send, end) {
    this.#send = send;
    this.#end = end;
  }

  /** Sends bytes as soon as possible; resolves when there is room for more. */
  async write(bytes) {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      this.#pieces.push({ offset: this.#read, bytes: piece });
      if (this.#open) this.#send(this.#read, piece);
      this.#read += piece.length;
      while (this.#read - this.#taken >= WINDOW_BYTES) {
        await new Promise((resolve) => (this.#room = resolve));
      }
    }
  }

  /** Nothing follows. */
  end() {
    this.#ended = true;
    this.#sayEnd();
  }

  /** There is a connection, and the listener has so many bytes. */
  resume(there) {
    this.#open = true;
    this.#there = Math.max(this.#there, there);
    this.#forget();
    for (const { offset, bytes } of this.#pieces) {
      const skip = Math.max(0, there - offset);
      if (skip < bytes.length) this.#send(offset + skip, bytes.subarray(skip));
    }
    this.#sayEnd();
  }

  lost() {
    this.#open = false;
    clearTimeout(this.#timer);
  }

  /** The command has taken so many bytes. */
  taken(offset) {
    this.#taken = Math.max(this.#taken, offset);
    this.#there = Math.max(this.#there, offset);
    this.#forget();
    if (this.#read - this.#taken < WINDOW_BYTES) this.#room?.();
  }

  #forget() {
    while (this.#pieces.length > 0) {
      const [{ offset, bytes }] = this.#pieces;
      if (offset + bytes.length > this.#there) return;
      this.#pieces.shift();
    }
  }

  #sayEnd() {
    clearTimeout(this.#timer);
    if (!this.#ended || !this.#open || this.#end()) return;
    this.#timer = setTimeout(() => this.#sayEnd(), RETRY_MS);
  }
}

module.exports = { Outgoing };
