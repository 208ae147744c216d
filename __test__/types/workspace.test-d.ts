// The public types of a workspace, as a user writes against them; `tsc --noEmit` is the test.

import { openWorkspace } from 'loopwire';
import type {
  ExecuteOptions,
  FileChange,
  FileWatch,
  GitOperation,
  GitResult,
  Terminal,
  TerminalChunk,
  TerminalExit,
  WatchReady,
  Workspace,
} from 'loopwire';
import { same } from './same.js';

const workspace = openWorkspace('/opt/app', {
  terminal: true,
  files: true,
  watch: 'onDemand',
  shell: ['/bin/sh', '-c'],
  env: { A: 'b', C: undefined },
  detachMs: Infinity,
});
same<typeof workspace, Workspace>(true);
same<typeof workspace.root, string>(true);
async function drive() {
  const executed = await workspace.execute('ls', { cwd: 'src', input: 'x' });
  same<typeof executed.stdout, string>(true);
  same<typeof executed.exitCode, number | null>(true);
  same<typeof executed.signal, string | null>(true);
  const raw = await workspace.execute('ls', { encoding: 'buffer' });
  same<typeof raw.stderr, Buffer>(true);
  const options: ExecuteOptions = { timeoutMs: 1000 };
  const either = await workspace.execute('ls', options);
  same<typeof either.stdout, string | Buffer>(true);
  const encoding: BufferEncoding | undefined = [undefined, 'utf8' as const][Date.now() % 2];
  const content = await workspace.readFile('a.txt', { encoding });
  same<typeof content, string | Buffer>(true);
  const terminal: Terminal = await workspace.terminal({ cols: 120, rows: 30 });
  for await (const data of terminal.output) same<typeof data, Buffer>(true);
  for await (const chunk of terminal.chunks) same<typeof chunk, TerminalChunk>(true);
  await terminal.write('exit\r');
  same<Awaited<typeof terminal.exit>, TerminalExit>(true);
  const text: string = await workspace.readFile('a.txt', 'utf8');
  const bytes: Buffer = await workspace.readFile('a.txt');
  const watch: FileWatch = workspace.watch(['src/**'], { events: ['created'], ignore: false });
  same<typeof watch.ready, Promise<WatchReady>>(true);
  for await (const change of watch) {
    same<typeof change, FileChange>(true);
    same<(typeof change)['oldPath'], string | undefined>(true);
  }
  await watch.close();
  const { size, sha256, atomic } = await workspace.writeFile('a.txt', bytes, { mode: 0o600 });
  same<typeof atomic, boolean>(true);
  const taken = workspace.snapshots.create({ message: 'one', keep: { count: 3, ageMs: 1 } });
  for await (const { phase, done } of taken.progress) {
    same<typeof done, number>(true);
    // @ts-expect-error: no such phase
    if (phase === 'resting') break;
  }
  const { commitHash, skippedFiles } = await taken;
  same<(typeof skippedFiles)[0]['path'], string>(true);
  const { changes } = await workspace.snapshots.diff(commitHash, null, { limit: 5 });
  same<(typeof changes)[0]['size'], number | null>(true);
  same<(typeof changes)[0]['oldPath'], string | undefined>(true);
  const { signal } = new AbortController();
  const { safetyCommit } = await workspace.snapshots.restore(commitHash, { signal });
  const [{ kind }] = await workspace.snapshots.list({ limit: 1 });
  same<typeof kind, 'manual' | 'safety'>(true);
  await workspace.snapshots.delete(safetyCommit);
  // @ts-expect-error: no such option
  await workspace.snapshots.create({ massage: '' });
  const cloned = workspace.git.clone({
    url: 'https://example.com/a.git',
    targetDir: 'a',
    auth: { token: 'secret' },
    onCredentials: async ({ kind, id }) => ({ [kind]: id }),
  });
  same<typeof cloned, GitOperation>(true);
  for await (const { percent, phase } of cloned.progress) {
    same<typeof percent, number>(true);
    // @ts-expect-error: no such phase
    if (phase === 'resting') cloned.cancel();
  }
  same<Awaited<typeof cloned>, GitResult>(true);
  // @ts-expect-error: a repository has to be named
  workspace.git.pull({ branch: 'main' });
  return [text, size, sha256];
}
// @ts-expect-error: no such option
openWorkspace('/opt/app', { terminals: true });
// @ts-expect-error: watching is no switch that could be on
openWorkspace('/opt/app', { watch: true });
// @ts-expect-error: a root has to be given
openWorkspace();
const driven: Promise<(string | number)[]> = drive();

export { driven };
