// The tables of docs/speed.md, made of figures.json.
'use strict';
const { figure } = require('./report.cjs');

/** The suites in the order of the page, and what they are called there. */
const SUITES = {
  channel: 'The channel',
  forward: 'Forwarding',
  terminal: 'Terminals',
  watch: 'Watching',
  snapshot: 'Snapshots',
  c: 'The C library',
};

const line = (cells) => `| ${cells.join(' | ')} |`;

/** A subject's cells: the medians, and of the first column the least and the greatest round, too. */
function cells({ columns, medians, least, greatest }, name) {
  return Object.keys(columns).map((key, at) => {
    const value = medians[name][key];
    if (at > 0 || value === undefined) return figure(value);
    return `${figure(value)} (${figure(least[name][key])} – ${figure(greatest[name][key])})`;
  });
}

function table(row) {
  const measured = Object.entries(row.subjects).filter(([name]) => row.medians[name]);
  const titles = Object.values(row.columns);
  return [
    `**${row.title}**`,
    '',
    line(['', ...titles]),
    line(['---', ...titles.map(() => '---:')]),
    ...measured.map(([name, title]) => line([title, ...cells(row, name)])),
    '',
  ];
}

/** Where the figures are from, for people. */
function source({ machine, rounds }) {
  const { date, cpu, cores, memoryGiB, kernel, node, rustc, load, loadAfter, ...peers } = machine;
  const versions = Object.entries(peers).map(([name, version]) => `${name}: ${version}`);
  return [
    `Measured on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, Node ${node}, ${rustc}; medians of`,
    `${rounds} rounds, of the first column also the least and the greatest. Load average before ${load}, after ${loadAfter}.`,
    `Peers: ${versions.join('; ')}.`,
  ];
}

/** All tables of all suites that were measured. Curves are pictures, not tables. */
function tables(figures) {
  const rows = Object.values(figures.rows).filter(({ points }) => !points);
  const parts = Object.entries(SUITES).map(([suite, title]) => {
    const own = rows.filter((row) => row.suite === suite);
    return own.length > 0 ? [`## ${title}`, '', ...own.flatMap(table)] : [];
  });
  return [...source(figures), '', ...parts.flat()].join('\n').trimEnd();
}

const [BEGIN, END] = ['<!-- figures -->', '<!-- /figures -->'];

/** A page with the tables between its marks. */
function fill(page, figures) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables(figures)}\n\n${page.slice(end)}`;
}

module.exports = { fill };
