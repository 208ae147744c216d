// Git: the state of a repository, and how far operations are, whoever began them.

import { useEffect, useState } from 'preact/hooks';
import { number, shortHash } from '../../words.js';
import { useModel } from '../observable.js';
import { Bar, Part } from '../part.jsx';
import { Path } from '../path.jsx';
import { Problem } from '../problem.jsx';
import { ProgressList } from '../progress.jsx';
import { TextField } from '../text-field.jsx';

function Branch({ status: { branch, upstream, commit, ahead, behind } }) {
  return (
    <p class="branch">
      <strong>
        <bdi>{branch === '(detached)' ? 'no branch' : branch}</bdi>
      </strong>
      {commit ? <code>{shortHash(commit)}</code> : <span class="quiet">no commit yet</span>}
      {upstream && (
        <span class="quiet">
          <bdi>{upstream}</bdi>
        </span>
      )}
      {ahead !== undefined && (
        <span>
          {ahead === 0 && behind === 0
            ? 'up to date'
            : `${number(ahead)} ahead, ${number(behind)} behind`}
        </span>
      )}
    </p>
  );
}

function Files({ status: { files, total } }) {
  if (total === 0) return <p class="quiet">Nothing has changed since the last commit.</p>;
  return (
    <div class="wide scrolls" tabIndex={0} role="region" aria-label="Changed files">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Staged</th>
            <th scope="col">Not staged</th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ path, oldPath, staged, changed }) => (
            <tr key={path}>
              <th scope="row" class="path">
                <Path path={path} oldPath={oldPath} />
              </th>
              <td class={staged ? 'good' : 'quiet'}>{staged || '–'}</td>
              <td class={changed ? 'warn' : 'quiet'}>{changed || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > files.length && <p class="quiet">and {number(total - files.length)} more</p>}
    </div>
  );
}

export function GitTab({ workspace, open }) {
  const { git, operations } = workspace;
  const [folder, setFolder] = useState(git.folder);
  useModel(git);
  useModel(operations);
  useEffect(() => {
    if (open) git.look();
  }, [git, open]);
  const { status, problem, busy } = git;
  const disabled = !open || busy !== '';
  const recent = git.operations;
  return (
    <Part name="git" title="Git">
      <Bar onSubmit={() => git.look(folder.trim() || '.')}>
        <TextField id="git-folder" label="Repository" value={folder} onValue={setFolder} />
        <button type="submit" class="primary" disabled={disabled}>
          Status
        </button>
        <button type="button" disabled={disabled || !status} onClick={() => git.fetch()}>
          Fetch
        </button>
        <button type="button" disabled={disabled || !status} onClick={() => git.pull()}>
          Pull
        </button>
        <span class="quiet" role="status">
          {{ look: 'Looking…', fetch: 'Fetching…', pull: 'Pulling…' }[busy]}
        </span>
      </Bar>
      <Problem error={problem} part={problem && busy === '' && !status ? 'terminals' : 'git'} />
      {problem?.code === 'NOT_A_REPOSITORY' && (
        <p class="quiet">
          Name the folder of one, relative to the root of the workspace; or run{' '}
          <code>git init</code> in a terminal.
        </p>
      )}
      {recent.length > 0 ? (
        <div class="card">
          <h2>Operations</h2>
          <ProgressList operations={recent} />
        </div>
      ) : (
        <p class="quiet">
          No operation was seen. What any client begins (clone, fetch, pull, push, checkout) is
          shown here.
        </p>
      )}
      {status && (
        <div class="card">
          <Branch status={status} />
          <Files status={status} />
        </div>
      )}
    </Part>
  );
}
