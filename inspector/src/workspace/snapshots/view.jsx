// The snapshots: a new one, the list, what has changed since one, and back to one.

import { useEffect, useState } from 'preact/hooks';
import { ago, bytes, several, shortHash } from '../../words.js';
import { useModel } from '../observable.js';
import { Bar, Part } from '../part.jsx';
import { Problem } from '../problem.jsx';
import { ProgressList } from '../progress.jsx';
import { TextField } from '../text-field.jsx';
import { Diff } from './diff.jsx';
import { LISTED } from './model.js';

/** The listener takes 16 KiB; a character may take four bytes. */
const MAX_MESSAGE = 4096;
/** The list has the others. */
const MOST_OPERATIONS = 3;
const BUSY = { create: 'Taking it…', restore: 'Restoring…', diff: 'Comparing…' };

function Row({ row, snapshots, disabled }) {
  const { commitHash, message, createdAt, files, bytes: size, kind } = row;
  return (
    <tr>
      <th scope="row">
        <code>{shortHash(commitHash)}</code>
        {kind === 'safety' && <span class="tag">before a restore</span>}
      </th>
      <td class="message">
        <bdi>{message || '–'}</bdi>
      </td>
      <td class="optional" title={createdAt}>
        {ago(Date.parse(createdAt))} ago
      </td>
      <td class="optional">{several(files, 'file')}</td>
      <td class="optional">{bytes(size)}</td>
      <td class="row-actions">
        <button
          type="button"
          disabled={disabled}
          aria-label={`Diff of ${shortHash(commitHash)}`}
          id={`look-${commitHash}`}
          onClick={() => snapshots.compare(commitHash, 'look')}
        >
          Diff
        </button>
        <button
          type="button"
          disabled={disabled}
          aria-label={`Restore ${shortHash(commitHash)}`}
          id={`restore-${commitHash}`}
          onClick={() => snapshots.compare(commitHash, 'restore')}
        >
          Restore…
        </button>
      </td>
    </tr>
  );
}

export function SnapshotsTab({ workspace, open }) {
  const { snapshots, operations } = workspace;
  const [message, setMessage] = useState('');
  useModel(snapshots);
  useModel(operations);
  useEffect(() => {
    if (open) snapshots.list();
  }, [snapshots, open]);
  const { rows, diff, said, problem, busy } = snapshots;
  const disabled = !open || snapshots.isActing;
  const recent = snapshots.operations.slice(0, MOST_OPERATIONS);
  return (
    <Part name="snapshots" title="Snapshots">
      <Bar
        onSubmit={() => {
          snapshots.create(message.trim());
          setMessage('');
        }}
      >
        <TextField
          id="snapshot-message"
          label="Message"
          value={message}
          maxLength={MAX_MESSAGE}
          placeholder="What is it before? (may be empty)"
          spellcheck
          onValue={setMessage}
        />
        <button type="submit" class="primary" disabled={disabled}>
          Take a snapshot
        </button>
        <span class="good" role="status">
          {Object.keys(BUSY)
            .filter((what) => busy.has(what))
            .map((what) => BUSY[what])[0] ?? said}
        </span>
      </Bar>
      <Problem error={problem} part="snapshots" />
      {diff && <Diff diff={diff} snapshots={snapshots} disabled={disabled} />}
      {recent.length > 0 && (
        <div class="card">
          <h2>Operations</h2>
          <ProgressList operations={recent} />
        </div>
      )}
      {rows?.length === 0 && (
        <p class="quiet">
          No snapshots yet. One holds all files that .gitignore does not name, outside of your
          repository.
        </p>
      )}
      {!rows && !problem && <p class="quiet">{open ? 'Asking…' : 'Not connected.'}</p>}
      {rows?.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="Snapshots, newest first">
          <table>
            <thead>
              <tr>
                <th scope="col">Snapshot</th>
                <th scope="col">Message</th>
                <th scope="col" class="optional">
                  Taken
                </th>
                <th scope="col" class="optional">
                  Files
                </th>
                <th scope="col" class="optional">
                  Size
                </th>
                <th scope="col">
                  <span class="sr">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.commitHash} row={row} snapshots={snapshots} disabled={disabled} />
              ))}
            </tbody>
          </table>
          {rows.length === LISTED && <p class="quiet">The newest {LISTED} are listed.</p>}
        </div>
      )}
    </Part>
  );
}
