// The files of the workspace: `sandbox.files`.

import { bytesOf } from '../frame.js';
import { failure } from './link/failure.js';
import { join } from './bytes.js';
import { Request } from './link/request.js';

/** What is asked for at a time: it is asked for again if the connection breaks, and bounds what waits for a slow reader. */
const PIECE_BYTES = 1 << 20;

/** How many more pieces are under way while one is used. */
const AHEAD = 3;

/** The binary messages of an upload. */
const MESSAGE_BYTES = 64 << 10;

/** The workspace allows 32 transfers of a connection; half of them leave room for the application's own. */
const MAX_TRANSFERS = 16;

export class Files {
  #link;
  #waiting = [];
  #running = 0;

  constructor(link) {
    this.#link = link;
  }

  /** A file, or a range of it, whole. */
  async read(path, options) {
    let all;
    let at = 0;
    const begin = (size) => (all = new Uint8Array(size));
    for await (const piece of this.#pieces(path, options, begin)) {
      all.set(piece, at);
      at += piece.byteLength;
    }
    return all;
  }

  async readText(path, options) {
    return new TextDecoder().decode(await this.read(path, options));
  }

  /** The same piece by piece. */
  stream(path, options) {
    return this.#pieces(path, options);
  }

  /** Writes a file whole: a string, bytes, or an iterable of bytes with the option `size`. */
  async write(path, data, { mode, parents, size, signal, onProgress } = {}) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    // A file lands whole or not at all, so what is still here may be sent again.
    const again = bytes?.byteLength >= 0;
    size ??= bytes?.byteLength;
    if (!(size >= 0)) {
      const error = new TypeError('size is needed if data is an iterable');
      // As Node has it.
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
    }
    return this.#turn(() => {
      // The upload that is under way. It is another one after a reconnect.
      let upload;
      const opened = ({ stream }) => {
        const mine = (upload = { stream });
        const going = () => upload === mine;
        this.#send(again ? [bytes] : bytes, size, stream, going, onProgress).catch((error) =>
          request.ended(error),
        );
      };
      const broken = () => {
        // A piece at a wrong place ends the upload there.
        if (upload && this.#link.isOpen)
          this.#link.sendBytes(upload.stream, size + 1, new Uint8Array(1));
        upload = undefined;
      };
      const data = { path, mode, parents, size };
      const request = new Request(this.#link, 'file:write', data, {
        again,
        signal,
        opened,
        broken,
      });
      return request.answer;
    });
  }

  async #send(pieces, size, stream, going, onProgress) {
    let at = 0;
    for await (const one of pieces) {
      const piece = bytesOf(one);
      for (let from = 0; from < piece.byteLength; from += MESSAGE_BYTES) {
        await this.#link.room();
        if (!going()) return;
        const part = piece.subarray(from, from + MESSAGE_BYTES);
        if (at + part.byteLength > size) throw failure('BAD_SIZE', `more than ${size} bytes came`);
        this.#link.sendBytes(stream, at, part);
        at += part.byteLength;
        onProgress?.({ bytes: at, total: size });
      }
    }
    if (at < size && going()) throw failure('BAD_SIZE', `${at} bytes came instead of ${size}`);
  }

  async *#pieces(path, { offset = 0, length = Infinity, signal, onProgress } = {}, begin) {
    const first = await this.#piece(path, offset, Math.min(length, PIECE_BYTES), signal);
    let asked = offset + first.bytes.byteLength;
    // What says that it is larger than it is, or does not say how large, comes whole in the first piece.
    const isAll = first.bytes.byteLength < PIECE_BYTES;
    const end = isAll ? asked : offset + Math.min(length, first.total - offset);
    begin?.(end - offset);
    const ahead = [];
    let at = offset;
    for (let piece = first; ; piece = await ahead.shift()) {
      const isSame = piece.version === first.version;
      if (!isSame || piece.bytes.byteLength < Math.min(PIECE_BYTES, end - at)) {
        throw failure('FILE_CHANGED', 'the file changed while it was read');
      }
      while (asked < end && ahead.length < AHEAD) {
        const next = this.#piece(path, asked, Math.min(PIECE_BYTES, end - asked), signal);
        // Whoever takes it is told; nobody may.
        next.catch(() => {});
        ahead.push(next);
        asked += PIECE_BYTES;
      }
      at += piece.bytes.byteLength;
      onProgress?.({ bytes: at - offset, total: end - offset });
      yield piece.bytes;
      if (at >= end) return;
    }
  }

  #piece(path, offset, length, signal) {
    return this.#turn(async () => {
      let about;
      let parts;
      const opened = (data) => {
        about = data;
        parts = [];
        this.#link.bind(data.stream, ({ bytes }) => parts.push(bytes));
      };
      const data = { path, offset, length };
      try {
        await this.#link.ask('file:read', data, { again: true, signal, opened });
      } finally {
        this.#link.unbind(about?.stream);
      }
      return { ...about, bytes: join(parts) };
    });
  }

  async #turn(act) {
    if (this.#running < MAX_TRANSFERS) this.#running += 1;
    else await new Promise((resolve) => this.#waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
