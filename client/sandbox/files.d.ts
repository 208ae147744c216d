// The types of files: `sandbox.files`.

/** How far a transfer is. */
export interface FileProgress {
  bytes: number;
  total: number;
}

/** The options of `read`, `readText` and `stream`. */
export interface FileReadOptions {
  /** Where to begin. Default: 0. */
  offset?: number;
  /** How much is read at most. Default: all. */
  length?: number;
  /** Ends it: it rejects with an `AbortError`. */
  signal?: AbortSignal;
  /** Called after each piece. */
  onProgress?: (progress: FileProgress) => void;
}

/** The options of `write`. */
export interface FileWriteOptions {
  /** The mode that the file gets, 0 to 0o777. Default: an existing file keeps its mode. */
  mode?: number;
  /** Whether missing directories are made. Default: `false`. */
  parents?: boolean;
  /** How many bytes come: needed for an iterable. */
  size?: number;
  /** Ends it: it rejects with an `AbortError`, and the file is as it was. */
  signal?: AbortSignal;
  /** Called after each piece that was sent; it begins anew after a reconnect. */
  onProgress?: (progress: FileProgress) => void;
}

/** The result of a write. */
export interface FileWritten {
  path: string;
  size: number;
  /** The SHA-256 of what was written, in hexadecimal digits, as the workspace has computed it. */
  sha256: string;
  /** `false` if the file was written in place, since it could not be replaced. */
  atomic?: false;
}

/** Files. `path` is relative to the root of the workspace, or absolute inside it. */
export interface SandboxFiles {
  /**
   * Reads a file, or a range of it, whole. If the connection breaks it goes on where it was. Rejects with `code`: `NOT_FOUND`,
   * `PATH_OUTSIDE`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `FILE_CHANGED` (it was replaced or cut meanwhile).
   *
   * @example const bytes = await sandbox.files.read('logo.png');
   */
  read(path: string, options?: FileReadOptions): Promise<Uint8Array>;
  /** The same, as UTF-8. */
  readText(path: string, options?: FileReadOptions): Promise<string>;
  /**
   * The same, piece by piece of at most 1 MiB; 3 more are on the way at most.
   *
   * @example for await (const bytes of sandbox.files.stream('video.mp4')) await writer.write(bytes);
   */
  stream(path: string, options?: FileReadOptions): AsyncIterableIterator<Uint8Array>;
  /**
   * Writes a file whole, or not at all. A string or bytes are sent again if the connection breaks: a write that was complete
   * without anybody knowing is made a second time. An iterable is not: then it rejects with `CONNECTION_LOST`, and the file is
   * as it was, unless only the answer was lost. Rejects as `read` does, and with `NO_SPACE`, `FILE_TORN`, `BAD_SIZE`.
   *
   * @example await sandbox.files.write('out/report.txt', text, { parents: true });
   */
  write(
    path: string,
    data: string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: FileWriteOptions,
  ): Promise<FileWritten>;
}
