// Turns the rounds of a row into medians, ratios against peers, and a table.
'use strict';
const { median } = require('./stats.cjs');

function figure(value) {
  if (value === undefined) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** Per subject and column `of` the rounds in which the subject came through. */
function each(row, rounds, of) {
  const result = {};
  for (const name of Object.keys(row.subjects)) {
    const seen = rounds.map((round) => round[name]).filter((figures) => figures && !figures.error);
    if (!seen.length) continue;
    result[name] = {};
    for (const { key } of row.columns) {
      const values = seen.map((figures) => figures[key]).filter((value) => value !== undefined);
      if (values.length) result[name][key] = of(values);
    }
  }
  return result;
}

/** Of the first column, the ratio of each subject's median to that of the row's 1×. */
function ratios(row, middle) {
  const [{ key }] = row.columns;
  const base = middle[row.base]?.[key];
  if (!base) return {};
  const known = Object.entries(middle).filter(([, figures]) => figures[key] !== undefined);
  return Object.fromEntries(known.map(([name, figures]) => [name, figures[key] / base]));
}

/** One line per goal: the ratio of medians, the worst round, and whether that is enough. */
function judge(row, rounds, middle) {
  return (row.goals ?? []).map((goal) => {
    const { of, key, against, atLeast, atMost, worst } = goal;
    const peer = against ?? {};
    const peerName = peer.subject ?? peer;
    const peerKey = peer.key ?? key;
    const own = middle[of]?.[key];
    const other = against ? middle[peerName]?.[peerKey] : 1;
    const judged = { ...goal };
    if (own === undefined || other === undefined) return { ...judged, verdict: 'not measured' };
    judged.value = own / other;
    const perRound = rounds
      .map((round) => round[of]?.[key] / (against ? round[peerName]?.[peerKey] : 1))
      .filter(Number.isFinite);
    judged.worstRound = atLeast === undefined ? Math.max(...perRound) : Math.min(...perRound);
    const met =
      (atLeast === undefined || judged.value >= atLeast) &&
      (atMost === undefined || judged.value <= atMost) &&
      (worst === undefined || judged.worstRound >= worst);
    return { ...judged, verdict: met ? 'met' : 'MISSED' };
  });
}

function goalLine(row, goal) {
  const { of, key, against, atLeast, atMost, worst, value, worstRound, verdict } = goal;
  const column = row.columns.find((each) => each.key === key).title;
  const sign = against ? '×' : '';
  const bound = atLeast === undefined ? `≤ ${atMost}${sign}` : `≥ ${atLeast}${sign}`;
  const peer = against ? ` ${against.subject ?? against}` : '';
  const least = worst === undefined ? '' : `, in the worst round ≥ ${worst}${sign}`;
  const reached =
    value === undefined
      ? ''
      : `: ${figure(value)}${sign} (worst round ${figure(worstRound)}${sign})`;
  return `  ${verdict.padEnd(12)} ${of}, ${column} ${bound}${peer}${least}${reached}`;
}

function table(row, rounds, middle) {
  const [lead] = row.columns;
  const base = middle[row.base]?.[lead.key];
  const head = ['', ...row.columns.map(({ title }) => title), `× ${row.base}`, 'rounds: min – max'];
  const lines = [head];
  for (const [name, { title }] of Object.entries(row.subjects)) {
    const own = middle[name];
    const errors = rounds.map((round) => round[name]?.error).filter(Boolean);
    if (!own) {
      lines.push([title, errors.length ? `failed: ${errors[0]}` : 'not run']);
      continue;
    }
    const leads = rounds.map((round) => round[name]?.[lead.key]).filter(Number.isFinite);
    lines.push([
      errors.length ? `${title} (${errors.length} rounds failed: ${errors[0]})` : title,
      ...row.columns.map(({ key }) => figure(own[key])),
      base ? `${figure(own[lead.key] / base)}×` : '–',
      `${figure(Math.min(...leads))} – ${figure(Math.max(...leads))}`,
    ]);
  }
  const widths = head.map((_, at) =>
    Math.max(...lines.map((line) => (line.length > 2 ? line[at].length : 0))),
  );
  widths[0] = Math.max(...lines.map((line) => line[0].length));
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[0]) : cell.padStart(line.length > 2 ? widths[at] : 0),
        )
        .join('  '),
    )
    .map((line) => `  ${line}`.trimEnd());
}

/** A curve for people: for each subject and quantity one line with all points. */
function curve(row, rounds, middle) {
  const lines = [];
  for (const [name, { title }] of Object.entries(row.subjects)) {
    const error = rounds.map((round) => round[name]?.error).find(Boolean);
    if (error) lines.push(`  ${title}: failed: ${error}`);
    for (const quantity of middle[name] ? row.quantities : []) {
      const values = row.points.map(
        (point) => `${point}: ${figure(middle[name][`${quantity.key}@${point}`])}`,
      );
      lines.push(`  ${title}, ${quantity.title}`, `    ${values.join('   ')}`);
    }
  }
  return lines;
}

function titles(entries) {
  return Object.fromEntries(entries.map(([key, { title }]) => [key, title]));
}

/** Everything there is to say about a row: figures for `--json`, lines for people. */
function report(row, rounds) {
  const middle = each(row, rounds, median);
  const goals = judge(row, rounds, middle);
  const lines = [
    `\n${row.name}: ${row.title}`,
    ...(row.points ? curve : table)(row, rounds, middle),
    ...goals.map((goal) => goalLine(row, goal)),
  ];
  const { title, base, points } = row;
  const figures = {
    title,
    base,
    points,
    columns: titles(row.columns.map((column) => [column.key, column])),
    subjects: titles(Object.entries(row.subjects)),
    medians: middle,
    least: each(row, rounds, (values) => Math.min(...values)),
    greatest: each(row, rounds, (values) => Math.max(...values)),
    ratios: ratios(row, middle),
    goals,
    rounds,
  };
  return { figures, lines };
}

module.exports = { figure, report };
