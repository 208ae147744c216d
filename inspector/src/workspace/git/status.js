// Reads `git status --porcelain=v2 --branch -z`.

/** So many files are shown. */
export const MOST_FILES = 300;

const LETTERS = {
  __proto__: null,
  M: 'modified',
  T: 'of another type',
  A: 'added',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  U: 'in conflict',
};

/** @param {string} text @returns {{branch?: string, upstream?: string, commit?: string, ahead?: number, behind?: number, files: object[], total: number}} */
export function readStatus(text) {
  const status = { files: [], total: 0 };
  const records = text.split('\0');
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index];
    if (record === '') continue;
    if (record.startsWith('# ')) {
      readHead(status, record.slice(2));
      continue;
    }
    const file = readFile(record);
    // A rename has its former path as the next record.
    if (record.startsWith('2 ')) file.oldPath = records[(index += 1)];
    status.total += 1;
    if (status.files.length < MOST_FILES) status.files.push(file);
  }
  return status;
}

function readHead(status, head) {
  const [name, ...rest] = head.split(' ');
  const value = rest.join(' ');
  if (name === 'branch.head') status.branch = value;
  else if (name === 'branch.oid') status.commit = value === '(initial)' ? undefined : value;
  else if (name === 'branch.upstream') status.upstream = value;
  else if (name === 'branch.ab')
    [status.ahead, status.behind] = rest.map((count) => Math.abs(Number(count)));
}

/** How many fields stand before the path. */
const FIELDS = { 1: 8, 2: 9, u: 10 };

function readFile(record) {
  const kind = record[0];
  if (kind === '?') return { path: record.slice(2), staged: '', changed: 'new' };
  const fields = record.split(' ');
  const path = fields.slice(FIELDS[kind] ?? 1).join(' ');
  if (kind === 'u') return { path, staged: '', changed: LETTERS.U };
  const [staged, changed] = fields[1] ?? '';
  return { path, staged: LETTERS[staged] ?? '', changed: LETTERS[changed] ?? '' };
}
