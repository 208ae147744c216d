// The bytes that a command reads, over as many connections as it takes: what it has not taken is sent again from where the
// workspace has it.

/** How much may be under way: half of what a workspace keeps for a command that does not read. */
const WINDOW_BYTES = 512 << 10;

/** Small enough that others on the connection get their turn. */
const PIECE_BYTES = 64 << 10;

export class CountedInput {
  #send;
  /** What was not taken yet, in order: where it ends in all the input, and what to call when it was. */
  #waiting = [];
  #isOpen;
  /** Offsets: the end of what was written, sent, and taken by the command. */
  #end = 0;
  #sent = 0;
  #taken = 0;

  /** @param {(offset: number, bytes: Uint8Array) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** Resolves when the command has taken them. Until then they must not change. */
  write(bytes) {
    return new Promise((resolve, reject) => {
      this.#end += bytes.byteLength;
      this.#waiting.push({ bytes, end: this.#end, resolve, reject });
      this.taken(this.#taken);
    });
  }

  /** There is a connection, and the workspace has so many bytes. */
  resume(offset) {
    this.#isOpen = true;
    this.#sent = offset;
    this.#advance(offset);
  }

  lost() {
    this.#isOpen = false;
  }

  /** The command has taken so many bytes. */
  taken(offset) {
    this.#taken = offset;
    while (this.#waiting[0]?.end <= offset) this.#waiting.shift().resolve();
    this.#advance(offset);
  }

  /** It reads no more: what waits is dropped, or fails. */
  over(error) {
    this.#isOpen = false;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error) reject(error);
      else resolve();
    }
  }

  /** `known` are the bytes that the workspace has, perhaps from another client. */
  #advance(known) {
    if (this.#waiting.length === 0) {
      this.#end = Math.max(this.#end, known);
      this.#sent = this.#end;
    }
    if (!this.#isOpen) return;
    for (const { bytes, end } of this.#waiting) {
      while (this.#sent < end) {
        const room = Math.min(
          PIECE_BYTES,
          end - this.#sent,
          this.#taken + WINDOW_BYTES - this.#sent,
        );
        if (room <= 0) return;
        const at = this.#sent - end + bytes.byteLength;
        this.#send(this.#sent, bytes.subarray(at, at + room));
        this.#sent += room;
      }
    }
  }
}
