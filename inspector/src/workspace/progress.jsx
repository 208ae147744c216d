// How far an operation is: a bar, and the same in words.

import { bytes, number, several, shortHash } from '../words.js';

const STATES = {
  failed: 'Failed',
  unknown: 'Not known: messages were lost',
};

const ENDS = {
  'git:complete': ({ commit }) => (commit ? `Done, at ${shortHash(commit)}` : 'Done'),
  'snapshot:created': ({ commitHash, files }) =>
    `Snapshot ${shortHash(commitHash)} was taken of ${several(files, 'file')}`,
  'snapshot:restored': ({ commitHash, written, deleted }) =>
    `${shortHash(commitHash)} was restored: ${number(written)} written, ${number(deleted)} deleted`,
};

function wordsOf({ topic, state, data, end, result }) {
  if (state === 'failed') return String(result?.message ?? STATES.failed);
  if (state === 'done') return ENDS[end](result);
  if (state !== 'running') return STATES[state];
  if (topic === 'git') return String(data.status ?? data.phase ?? 'Starting');
  const [done, total] = [data.done ?? 0, data.total ?? 0];
  const files = total > 0 ? `${number(done)} of ${several(total, 'file')}` : several(done, 'file');
  return `${data.phase ?? 'starting'}: ${files}, ${bytes(data.bytes ?? 0)}`;
}

/** From 0 to 1; `undefined` while it is not known. */
function shareOf({ topic, state, data }) {
  if (state === 'done') return 1;
  const [done, total] = topic === 'git' ? [data.percent, 100] : [data.done, data.total];
  if (!Number.isFinite(done) || !Number.isFinite(total) || total <= 0) return undefined;
  return Math.min(1, Math.max(0, done / total));
}

export function Progress({ operation }) {
  const share = shareOf(operation);
  const { id, name, state, data, result } = operation;
  const words = wordsOf(operation);
  return (
    <li class={`operation operation-${state}`}>
      <span class="operation-id">{name ?? <bdi>{String(id)}</bdi>}</span>
      <progress max={1} value={share} aria-label={`Progress of ${name ?? id}`} />
      <span class="percent">{share === undefined ? '–' : `${Math.round(share * 100)} %`}</span>
      <span class="quiet operation-said">
        <bdi>{words}</bdi>
        {state === 'running' &&
          Number.isFinite(data.bytesPerSecond) &&
          data.bytesPerSecond > 0 &&
          `, ${bytes(data.bytesPerSecond)}/s`}
        {state === 'failed' && result?.code && ` (${String(result.code)})`}
      </span>
    </li>
  );
}

/** Those of a topic, whoever began them. */
export function ProgressList({ operations }) {
  return (
    <ul class="operations" aria-label="Operations">
      {operations.map((operation) => (
        <Progress key={`${operation.topic} ${operation.id}`} operation={operation} />
      ))}
    </ul>
  );
}
