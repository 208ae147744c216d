// What differs between a snapshot and the files as they are, as text; and the second question before a restore.

import { useEffect, useRef } from 'preact/hooks';
import { bytes, number, several, shortHash } from '../../words.js';
import { Path } from '../path.jsx';
import { MOST_CHANGES } from './model.js';

/** How it reads from the snapshot to now; a restore goes the other way. */
const NOW = {
  __proto__: null,
  created: ['+', 'is new'],
  modified: ['~', 'differs'],
  deleted: ['−', 'is gone'],
  renamed: ['→', 'has another name'],
};
const RESTORED = {
  __proto__: null,
  created: ['−', 'will be deleted'],
  modified: ['~', 'will be written'],
  deleted: ['+', 'will be written'],
  renamed: ['→', 'will have its former name'],
};

function sizes({ changeType, size, oldSize }) {
  if (changeType === 'modified' && size !== null && oldSize !== null)
    return `${bytes(oldSize)} then, ${bytes(size)} now`;
  const one = size ?? oldSize;
  return one === null || one === undefined ? '' : bytes(one);
}

export function Diff({ diff, snapshots, disabled }) {
  const { commitHash, changes, total, truncated } = diff;
  const restores = diff.for === 'restore';
  const words = restores ? RESTORED : NOW;
  const heading = useRef(null);
  useEffect(() => {
    heading.current.focus();
    // Back to the button that asked, once it can be pressed again.
    return () =>
      requestAnimationFrame(() => document.getElementById(`${diff.for}-${commitHash}`)?.focus());
  }, [diff]);
  const more = total - changes.length;
  return (
    <section class="diff card" aria-labelledby="diff-title">
      <h2 id="diff-title" tabIndex={-1} ref={heading}>
        {restores ? `Restore ${shortHash(commitHash)}?` : `Since ${shortHash(commitHash)}`}
      </h2>
      <p>
        {total === 0
          ? 'Nothing differs: the files are as in this snapshot.'
          : `${several(total, 'file differs', 'files differ')} from this snapshot.`}
        {restores &&
          total > 0 &&
          ' A snapshot of what is there now is taken first. Ignored files stay as they are.'}
      </p>
      {changes.length > 0 && (
        <ul class="diff-lines" tabIndex={0} aria-label="Changes">
          {changes.slice(0, MOST_CHANGES).map((change, index) => {
            const [sign, word] = words[change.changeType] ?? ['?', String(change.changeType)];
            return (
              <li key={index} class={`sign-${{ '+': 'plus', '−': 'minus' }[sign] ?? 'other'}`}>
                <span class="sign" aria-hidden="true">
                  {sign}
                </span>
                <span class="path">
                  <Path path={change.path} oldPath={change.oldPath} />
                </span>
                <span class="quiet">
                  {word}
                  {sizes(change) && `, ${sizes(change)}`}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      {(truncated || more > 0) && <p class="quiet">and {number(more)} more</p>}
      <p class="actions">
        <button type="button" onClick={() => snapshots.forget()}>
          {restores ? 'Keep the files' : 'Close'}
        </button>
        {restores && total > 0 && (
          <button
            type="button"
            class="danger"
            disabled={disabled}
            onClick={() => snapshots.restore(commitHash)}
          >
            Restore now
          </button>
        )}
      </p>
    </section>
  );
}
