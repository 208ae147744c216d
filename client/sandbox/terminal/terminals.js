// The terminals of the workspace: `sandbox.terminal`.

import { failure, onAborted } from '../link/failure.js';
import { list, Terminal } from './terminal.js';
import { join, toBytes } from '../bytes.js';

/** What `execute` collects at most, unless an option says otherwise: as `workspace.execute`. */
const MAX_OUTPUT_BYTES = 16 << 20;

/** A function that is `create`, as `workspace.terminal` is, with the others as its members. */
export function terminals(link) {
  /** Starts a command in a pseudo-terminal, or with pipes (`pty: false`). */
  async function create({ id = link.id(), pty = true, ...data } = {}) {
    await link.ask();
    // By the nonce it is known from one of another client with this id.
    return begin({ id, execute: { ...data, pty, countInput: !pty, nonce: link.id() } });
  }

  /** Attaches to one that runs, or has ended not long ago. */
  async function attach(id, { offset, cols, rows } = {}) {
    const row = (await list(link)).find((one) => one.id === id);
    if (!row) throw failure('GONE', 'no terminal has this id');
    const size = cols && rows && { cols, rows };
    return begin({ ...row, offset, size });
  }

  function begin(known) {
    if (link.has(known.id)) throw failure('ID_IN_USE', 'the id is in use');
    return new Terminal(link, known).begun;
  }

  /** Runs a command to its end, with pipes, and collects its output. */
  async function execute(
    command,
    { input, encoding, maxOutputBytes = MAX_OUTPUT_BYTES, signal, ...rest } = {},
  ) {
    const typed = toBytes(input);
    const terminal = await create({ ...rest, command, pty: false });
    const abandon = (error) => terminal.abandon(error);
    const forget = onAborted(signal, abandon);
    const pieces = { stdout: [], stderr: [] };
    let bytes = 0;
    try {
      // Bytes, also of a string: these may be as many as you like. Not awaited: a command may end without reading them, and
      // writes while it reads.
      terminal.write(typed).catch(abandon);
      terminal.eof();
      for await (const { source, data, lost } of terminal.chunks) {
        if (lost) throw failure('OUTPUT_LOST', `${lost} bytes were overwritten`);
        bytes += data.byteLength;
        if (bytes > maxOutputBytes) {
          throw failure('ERR_OUTPUT_TOO_LARGE', `more than ${maxOutputBytes} bytes came`);
        }
        pieces[source].push(data);
      }
    } catch (error) {
      abandon(error);
      throw error;
    } finally {
      forget();
    }
    const all = (source) => {
      const joined = join(pieces[source]);
      return encoding === 'buffer' ? joined : new TextDecoder().decode(joined);
    };
    return { ...(await terminal.exit), stdout: all('stdout'), stderr: all('stderr') };
  }

  return Object.assign(create, { create, open: create, attach, execute, list: () => list(link) });
}
