// The files that change: a folder, the counts, and the newest changes.

import { useState } from 'preact/hooks';
import { bytes, clock, number, several } from '../../words.js';
import { useModel } from '../observable.js';
import { Bar, Part } from '../part.jsx';
import { Path } from '../path.jsx';
import { Problem } from '../problem.jsx';
import { TextField } from '../text-field.jsx';
import { SHOWN } from './model.js';

const KINDS = {
  created: ['+', 'created'],
  modified: ['~', 'modified'],
  deleted: ['−', 'deleted'],
  renamed: ['→', 'renamed'],
  overflow: ['!', 'changes may be missing'],
};

const kindOf = (kind) => (Object.hasOwn(KINDS, kind) ? KINDS[kind] : ['?', String(kind)]);

function ChangeRow({ change: { kind, path, oldPath, time, size, isDirectory } }) {
  const [sign, word] = kindOf(kind);
  return (
    <tr class={`kind-${Object.hasOwn(KINDS, kind) ? kind : 'other'}`}>
      <td class="time optional">{clock(time)}</td>
      <td class="kind">
        <span aria-hidden="true">{sign}</span> {word}
      </td>
      <td class="path">
        <Path path={path} oldPath={oldPath} isDirectory={isDirectory && kind !== 'overflow'} />
      </td>
      <td class="size optional">
        {kind === 'created' || kind === 'modified' ? !isDirectory && bytes(size) : ''}
      </td>
    </tr>
  );
}

export function ChangesTab({ workspace, open }) {
  const { changes } = workspace;
  const [folder, setFolder] = useState(changes.folder);
  useModel(changes);
  const { rows, counts, total, state, ready, problem, isSilent, muted, isWatching } = changes;
  const shown = rows.slice(-SHOWN).toReversed();
  return (
    <Part name="changes" title="Changes">
      <Bar onSubmit={() => (isWatching ? changes.stop() : changes.start(folder.trim() || '.'))}>
        <TextField
          id="changes-folder"
          label="Folder"
          value={folder}
          disabled={isWatching}
          onValue={setFolder}
        />
        <button type="submit" class={isWatching ? '' : 'primary'} disabled={!isWatching && !open}>
          {isWatching ? 'Stop' : 'Watch'}
        </button>
        <span class="quiet" role="status">
          {state === 'starting' && 'Starting…'}
          {state === 'watching' &&
            `Watching ${several(ready.directories, 'directory', 'directories')}`}
          {ready?.polling && state === 'watching' && ', by comparing at intervals'}
        </span>
      </Bar>
      <Problem error={problem} part="changes" />
      {isSilent && isWatching && (
        <p class="silent" role="status">
          <strong>Silent.</strong> The listener tells of no changes until the application ends the
          silence (<code>POST /ws/connect</code>), or 10 minutes have passed.
        </p>
      )}
      {muted && isWatching && (
        <p class="quiet">
          {`During the silence from ${clock(muted.since)} on, ${several(muted.changed, 'change')} went untold.`}
        </p>
      )}
      <dl class="counts">
        {Object.entries(KINDS).map(([kind, [sign, word]]) => (
          <div key={kind} class={`kind-${kind}`} hidden={kind === 'overflow' && !counts.overflow}>
            <dt>
              <span aria-hidden="true">{sign}</span> {word}
            </dt>
            <dd>{number(counts[kind])}</dd>
          </div>
        ))}
      </dl>
      {shown.length > 0 ? (
        <div class="wide scrolls" tabIndex={0} role="region" aria-label="Changes, newest first">
          <table>
            <thead>
              <tr>
                <th scope="col" class="optional">
                  Time
                </th>
                <th scope="col">Change</th>
                <th scope="col">Path</th>
                <th scope="col" class="optional">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {/* By place: the text of a row changes, and no element is made. */}
              {shown.map((change, index) => (
                <ChangeRow key={index} change={change} />
              ))}
            </tbody>
          </table>
          {total > shown.length && (
            <p class="quiet more">and {number(total - shown.length)} before these</p>
          )}
        </div>
      ) : (
        <p class="quiet">
          {isWatching
            ? 'Nothing has changed yet. Files that .gitignore names are left out.'
            : 'A dot is the whole workspace. The counts begin when you press Watch.'}
        </p>
      )}
    </Part>
  );
}
