// Which pictures are made of a run's figures, and what is in them.
'use strict';
const { legend, panel } = require('./panel.cjs');
const { bytes, count } = require('./scale.cjs');
const { document, text } = require('./svg.cjs');

const MARGIN = { left: 76, right: 24, top: 126, bottom: 74 };
const SIZE = { width: 372, height: 230 };
/** Between two rows of panels. */
const GAP = 120;

const CONNECTIONS = { title: 'connections', write: count };
const PORTS = { title: 'forwarded ports', write: count };
const PAYLOAD = { title: 'bytes of the payload', write: bytes };
const EVENTS = { title: 'events per second', write: count };
const MEGABYTES = { title: 'MB', write: count };

/** Loopwire has the first colour everywhere, and each peer the same one in each picture. */
const COLOURS = { loopwire: 0, ws: 1, tsfn: 1, 'proxy-chain': 1, bun: 2 };

/** `rows` of panels, two in a row: a row of the run, a column of its curve, and the axes. */
const PICTURES = [
  {
    file: 'throughput.svg',
    title: 'Throughput against the size of an event',
    panels: [
      {
        row: 'size-callback',
        title: 'native events into a JavaScript callback',
        column: 'rate',
        x: PAYLOAD,
        y: EVENTS,
      },
      {
        row: 'size-client',
        title: 'live events to one WebSocket client',
        column: 'rate',
        x: PAYLOAD,
        y: EVENTS,
      },
    ],
  },
  {
    file: 'latency.svg',
    title: 'From publishing to a WebSocket client, against the rate of events',
    panels: [
      {
        row: 'rate',
        title: 'half of the events arrive within (p50)',
        column: 'p50',
        from: 'rate',
        x: EVENTS,
        y: { title: 'µs', write: count },
      },
      {
        row: 'rate',
        title: '99 of 100 arrive within (p99)',
        column: 'p99',
        from: 'rate',
        x: EVENTS,
        y: { title: 'µs', write: count },
      },
    ],
  },
  {
    file: 'cost.svg',
    title: 'Cost against the number of connections and of forwarded ports',
    panels: [
      {
        row: 'connection-count',
        title: 'memory of idle connections',
        column: 'mb',
        x: CONNECTIONS,
        y: MEGABYTES,
      },
      {
        row: 'connection-count',
        title: 'CPU time of an event for all of them',
        column: 'cpu',
        x: CONNECTIONS,
        y: { title: 'µs', write: count },
      },
      {
        row: 'port-count',
        title: 'memory of forwarded ports',
        column: 'mb',
        x: PORTS,
        y: MEGABYTES,
      },
      {
        row: 'port-count',
        title: 'CPU time of opening them',
        column: 'cpu',
        x: PORTS,
        y: { title: 'ms', write: count },
      },
    ],
  },
];

/** Points of one subject in one column; without those that were not measured. */
function points({ points: all, medians, least, greatest }, subject, { column, from }) {
  return all
    .map((x) => {
      const key = `${column}@${x}`;
      return {
        x: from ? medians[subject]?.[`${from}@${x}`] : x,
        y: medians[subject]?.[key],
        least: least[subject]?.[key],
        greatest: greatest[subject]?.[key],
      };
    })
    .filter(({ x, y }) => x > 0 && y > 0);
}

function series(row, wanted) {
  return Object.entries(row.subjects)

    .map(([name, title]) => ({
      // What is code in a table is a name here.
      title: title.replaceAll('`', ''),
      colour: COLOURS[name] ?? 3,
      points: points(row, name, wanted),
    }))
    .filter((each) => each.points.length > 0)
    .toSorted((one, other) => one.colour - other.colour);
}

/** Where and when, in one line. */
function machineLine({ cpu, cores, kernel, node, rustc, bun, date, load }) {
  const peer = bun && bun !== 'none' ? [`Bun ${bun}`] : [];
  const release = rustc.split(' ').slice(0, 2).join(' ');
  const parts = [
    `${cpu}, ${cores} cores`,
    kernel,
    `Node ${node}`,
    ...peer,
    release,
    date.slice(0, 10),
  ];
  return `${parts.join(' · ')} · load ${load}`;
}

function fromRounds(rounds) {
  if (rounds === 1) return 'one round';
  return `medians of ${rounds} rounds; thin lines from the least to the greatest`;
}

function picture({ file, title, panels }, { machine, rounds, rows }) {
  const columns = 2;
  const height =
    MARGIN.top + Math.ceil(panels.length / columns) * (SIZE.height + GAP) - GAP + MARGIN.bottom;
  const width = columns * (MARGIN.left + SIZE.width + MARGIN.right);
  const content = [
    text(MARGIN.left, 32, title, { class: 'title' }),
    text(MARGIN.left, 52, fromRounds(rounds), { class: 'lesser' }),
    text(MARGIN.left, height - 10, machineLine(machine), { class: 'lesser' }),
  ];
  panels.forEach((wanted, at) => {
    const row = rows[wanted.row];
    const lines = row ? series(row, wanted) : [];
    const place = {
      left: MARGIN.left + (at % columns) * (MARGIN.left + SIZE.width + MARGIN.right),
      top: MARGIN.top + Math.floor(at / columns) * (SIZE.height + GAP),
      ...SIZE,
    };
    // The same points everywhere are the marks; rates are what was reached, not what was asked for.
    const x = wanted.from ? wanted.x : { ...wanted.x, marks: row?.points };
    content.push(panel({ title: wanted.title, x, y: wanted.y, series: lines }, place));
    content.push(legend(lines, place.left, place.top - 16));
  });
  return { file, svg: document({ width, height, label: title }, content.flat()) };
}

/** `{file, svg}` of each picture that there are figures for. */
function pictures(figures) {
  return PICTURES.filter(({ panels }) => panels.some(({ row }) => figures.rows[row])).map((each) =>
    picture(each, figures),
  );
}

module.exports = { PICTURES, pictures };
