// The terminals of the workspace: `sandbox.terminal`.

import { failure, onAbort } from '../link/failure.js';
import { join } from '../join.js';
import { list, Terminal } from './terminal.js';

/** What `execute` collects at most, unless an option says otherwise: as `workspace.execute`. */
const MAX_OUTPUT_BYTES = 16 << 20;

/** Longer input is sent in binary messages, which wait for the command, but not for another connection. */
const MAX_RELIABLE_INPUT = 64 << 10;

/** A function that is `create`, as `workspace.terminal` is, with the others as its members. */
export function terminals(link) {
  /** Starts a command in a pseudo-terminal, or with pipes (`pty: false`). */
  async function create({ id = link.id(), pty = true, ...data } = {}) {
    await link.ask();
    return taken(id) ?? new Terminal(link, { id, execute: { ...data, pty } }).begun;
  }

  /** Attaches to one that runs, or has ended not long ago. */
  async function attach(id, { offset, cols, rows } = {}) {
    const row = (await list(link)).find((one) => one.id === id);
    if (!row) throw failure('GONE', 'no terminal has this id');
    const size = cols && rows && { cols, rows };
    return taken(id) ?? new Terminal(link, { ...row, offset, size }).begun;
  }

  function taken(id) {
    if (link.has(id)) throw failure('ID_IN_USE', 'this client has something with this id');
  }

  /** Runs a command to its end, with pipes, and collects its output. */
  async function execute(command, options = {}) {
    const {
      input,
      encoding = 'utf8',
      maxOutputBytes = MAX_OUTPUT_BYTES,
      signal,
      ...rest
    } = options;
    const data = { ...rest, command, pty: false };
    let typed = input;
    if (input?.length > MAX_RELIABLE_INPUT) {
      // Binary input holds back its connection while the command takes none. Acknowledgements behind it would come too late.
      data.acknowledge = undefined;
      if (typeof input === 'string') typed = new TextEncoder().encode(input);
    }
    const terminal = await create(data);
    let stop;
    const stopped = new Promise((_, reject) => (stop = reject));
    const forget = onAbort(signal, stop);
    try {
      return await Promise.race([stopped, collect()]);
    } catch (error) {
      try {
        terminal.signal('SIGKILL');
      } catch {
        // The connection has ended for good.
      }
      terminal.detach();
      throw error;
    } finally {
      forget();
    }

    async function collect() {
      const pieces = { stdout: [], stderr: [] };
      // Not awaited: a command may end without reading it, and writes while it reads.
      type(terminal, typed).catch(stop);
      let bytes = 0;
      for await (const { source, data, lost } of terminal.chunks) {
        if (lost) throw failure('OUTPUT_LOST', `${lost} bytes were overwritten`);
        bytes += data.byteLength;
        if (bytes > maxOutputBytes) {
          throw failure('ERR_OUTPUT_TOO_LARGE', `more than ${maxOutputBytes} bytes came`);
        }
        pieces[source].push(data);
      }
      // Throws if input was refused: the command has read a part of it.
      await terminal.write('');
      const all = (source) => {
        const joined = join(pieces[source]);
        return encoding === 'buffer' ? joined : new TextDecoder().decode(joined);
      };
      return { ...(await terminal.exit), stdout: all('stdout'), stderr: all('stderr') };
    }
  }

  return Object.assign(create, { create, open: create, attach, execute, list: () => list(link) });
}

async function type(terminal, input) {
  if (input) await terminal.write(input);
  terminal.eof();
}
