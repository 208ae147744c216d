// The types of the sandbox client: what compiles, and what must not.

import { attach, SandboxClient } from '../../client/index.js';
import type { FileChange, SandboxSocket, SandboxTerminal, XtermLike } from '../../client/index.js';

const sandbox = new SandboxClient({ baseURL: new URL('https://sandbox.example:1'), token: 'abc' });
// @ts-expect-error a token is needed
void new SandboxClient({ baseURL: 'https://sandbox.example:1' });
// @ts-expect-error there is no such option
void new SandboxClient({ baseURL: 'https://sandbox.example:1', token: 'abc', binary: true });

export async function terminals(): Promise<void> {
  const text: string = (await sandbox.execute('ls', { cwd: 'src' })).stdout;
  const options = { encoding: 'buffer', input: new Uint8Array(1) } as const;
  const bytes: Uint8Array = (await sandbox.terminal.execute('ls', options)).stdout;
  const terminal: SandboxTerminal = await sandbox.terminal({ command: text, cols: bytes.length });
  const ends: Promise<void>[] = [
    terminal.close(),
    terminal[Symbol.asyncDispose](),
    sandbox.watch('.')[Symbol.asyncDispose](),
    (await sandbox.websocket.connect())[Symbol.asyncDispose](),
    sandbox[Symbol.asyncDispose](),
  ];
  await Promise.all(ends);
  for await (const { data, lost } of terminal.chunks) console.log(data.byteLength, lost?.toFixed());
  // @ts-expect-error it is a string or bytes
  await terminal.write(5);
  const code: number | null = (await terminal.exit).exitCode;
  await sandbox.terminal.attach(code ?? 'dev', { offset: 1 });
}

export function screens(xterm: XtermLike, terminal: SandboxTerminal): void {
  using attachment = attach(xterm, terminal);
  attachment.detach();
  attach(xterm, terminal, { onError: ({ message }) => console.log(message) }).dispose();
  // @ts-expect-error the xterm comes first
  attach(terminal, xterm);
  // @ts-expect-error there is no such option
  attach(xterm, terminal, { onExit: () => {} });
}

export async function rest(): Promise<void> {
  const text: string = await sandbox.readFile('a', 'utf8');
  const bytes: Uint8Array = await sandbox.readFile('a');
  await sandbox.files.write('a', text, { mode: bytes.length });
  for await (const change of sandbox.watch(['a'])) console.log((change satisfies FileChange).path);
  // @ts-expect-error there is no such kind
  sandbox.watch('a', { events: ['moved'] });
  const clone = sandbox.git.clone({
    url: 'a',
    targetDir: 'b',
    onCredentials: ({ kind }) => ({ [kind]: 'x' }),
  });
  for await (const { percent } of clone.progress) console.log(percent.toFixed());
  const commit: string | null = (await clone).commit;
  const { safetyCommit } = await sandbox.snapshots.restore(commit ?? '');
  const { total } = await sandbox.snapshots.diff(safetyCommit);
  await sandbox.ports.rotate(total);
}

export async function socket(): Promise<SandboxSocket> {
  const made = await sandbox.websocket.connect({ silent: true });
  made
    .on('message', ({ type }) => type.length)
    .once('close', ({ willReconnect }) => !willReconnect);
  // @ts-expect-error there is no such event
  made.on('pong', () => {});
  return made;
}
