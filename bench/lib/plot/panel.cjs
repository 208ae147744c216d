// One pair of axes with its lines.
'use strict';
const { decades, logarithmic, place, powers } = require('./scale.cjs');
const { element, text } = require('./svg.cjs');

const MARK = 4;

/** A mark of its own for each series, for those who do not tell the colours apart. */
const MARKS = [
  (x, y) => element('circle', { cx: x, cy: y, r: MARK }),
  (x, y) =>
    element('rect', { x: place(x - MARK), y: place(y - MARK), width: 2 * MARK, height: 2 * MARK }),
  (x, y) =>
    polygon([
      [x, y - MARK - 1],
      [x + MARK + 1, y + MARK],
      [x - MARK - 1, y + MARK],
    ]),
  (x, y) =>
    polygon([
      [x, y - MARK - 2],
      [x + MARK + 2, y],
      [x, y + MARK + 2],
      [x - MARK - 2, y],
    ]),
];

function polygon(points) {
  return element('polygon', {
    points: points.map((point) => point.map(place).join(',')).join(' '),
  });
}

function mark(at, x, y) {
  return element('g', { class: `f${at}` }, MARKS[at % MARKS.length](x, y));
}

function line(x1, y1, x2, y2, name) {
  return element('line', { x1, y1, x2, y2, class: name });
}

/** The lines of one series: from point to point, and at each from the least to the greatest round. */
function drawn({ colour, dashed, points }, x, y) {
  const places = points.map((point) => [x(point.x), y(point.y)]);
  const path = places.map(([left, top], at) => `${at ? 'L' : 'M'}${left} ${top}`).join('');
  const whiskers = points
    .filter((point) => point.least > 0 && point.greatest > point.least)
    .map((point) =>
      line(x(point.x), y(point.least), x(point.x), y(point.greatest), `whisker s${colour}`),
    );
  return [
    whiskers,
    element('path', { d: path, class: `line s${colour}${dashed ? ' dashed' : ''}` }),
    places.map(([left, top]) => mark(colour, left, top)),
  ].flat();
}

/**
 * `{title, x, y, series}` into a rectangle. An axis is `{title, write, marks?}`, a series `{colour, dashed?, points}`, a
 * point `{x, y, least?, greatest?}`, all above zero.
 */
function panel({ title, x: across, y: up, series }, { left, top, width, height }) {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0)
    return [text(left, top - 36, `${title}: not measured`, { class: 'panel' })];
  const [right, bottom] = [left + width, top + height];
  const all = points
    .flatMap((point) => [point.y, point.least, point.greatest])
    .filter((value) => value > 0);
  const [xs, ys] = [
    across.marks ? ends(across.marks) : decades(points.map((point) => point.x)),
    decades(all),
  ];
  const [x, y] = [logarithmic(xs, [left + 10, right - 10]), logarithmic(ys, [bottom, top])];
  return [
    text(left, top - 36, title, { class: 'panel' }),
    powers(ys).map((value) => [
      line(left, y(value), right, y(value), 'grid'),
      text(left - 8, y(value) + 4, up.write(value), { class: 'lesser', 'text-anchor': 'end' }),
    ]),
    (across.marks ?? powers(xs)).map((value) => [
      line(x(value), top, x(value), bottom, 'grid'),
      text(x(value), bottom + 18, across.write(value), {
        class: 'lesser',
        'text-anchor': 'middle',
      }),
    ]),
    line(left, bottom, right, bottom, 'axis'),
    text(left + width / 2, bottom + 38, across.title, { class: 'lesser', 'text-anchor': 'middle' }),
    text(0, 0, up.title, {
      class: 'lesser',
      'text-anchor': 'middle',
      transform: `translate(${left - 54} ${top + height / 2}) rotate(-90)`,
    }),
    // The first series lies above the others.
    series.toReversed().map((each) => drawn(each, x, y)),
  ].flat(3);
}

function ends(marks) {
  return [Math.min(...marks), Math.max(...marks)];
}

/** What the lines mean, in a row from `left` on. */
function legend(entries, left, top) {
  let at = left;
  return entries.flatMap(({ title, colour, dashed }) => {
    const from = at;
    at += 50 + title.length * 7;
    const stroke = element('path', {
      d: `M${from} ${top}h26`,
      class: `line s${colour}${dashed ? ' dashed' : ''}`,
    });
    return [stroke, mark(colour, from + 13, top), text(from + 33, top + 4, title)];
  });
}

module.exports = { legend, panel };
