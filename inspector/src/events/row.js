// A row of the list. Everything that an event says becomes the data of a text node, never markup.

import { clock, gapWords, isGap, number } from '../words.js';

/** What fits into a row on a wide screen. */
const SHOWN_CHARS = 400;
/** A longer text is shown as it is: parsing it for each frame would take too long. */
const PARSED_CHARS = 8192;
/** How many colours the stylesheet has for types. */
const COLOURS = 8;

/** The event in one line. */
export function summary({ type, seq, body }) {
  if (body.length > PARSED_CHARS) return body.slice(0, SHOWN_CHARS);
  const { payload, data, ...rest } = JSON.parse(body);
  if (isGap({ type, seq, data })) return gapWords(data);
  const parts = [];
  if (payload !== undefined)
    parts.push(typeof payload === 'string' ? payload : JSON.stringify(payload));
  if (data !== undefined) parts.push(JSON.stringify(data));
  if (Object.keys(rest).length > 0) parts.push(JSON.stringify(rest));
  return parts.join('  ').slice(0, SHOWN_CHARS);
}

/** The same type has the same colour everywhere. */
export function colour(type) {
  let hash = 7;
  for (let index = 0; index < type.length; index += 1)
    hash = (hash * 31 + type.charCodeAt(index)) | 0;
  return Math.abs(hash) % COLOURS;
}

export function makeRow(slot) {
  const element = document.createElement('div');
  element.className = 'row';
  element.id = `row-${slot}`;
  element.setAttribute('role', 'row');
  const cells = {};
  for (const name of ['seq', 'time', 'type', 'text']) {
    const cell = document.createElement('span');
    cell.className = name;
    cell.setAttribute('role', 'gridcell');
    cells[name] = document.createTextNode('');
    cell.append(cells[name]);
    element.append(cell);
  }
  return { element, cells, place: undefined, selected: undefined };
}

/** @param {import('./store.js').EventStore} store */
export function fillRow(store, row, place, index) {
  if (row.index !== index) {
    row.index = index;
    // The first one is the names of the columns.
    row.element.setAttribute('aria-rowindex', String(index + 2));
  }
  if (row.place === place) return;
  row.place = place;
  const event = store.at(place);
  if (!event) return;
  row.cells.seq.data = event.seq === undefined ? '' : number(event.seq);
  row.cells.time.data = clock(event.time);
  row.cells.type.data = event.type;
  // An application may call its own events so, too; they have a number.
  const told = event.type === 'gap' && event.seq === undefined;
  row.cells.text.data = summary(event);
  const style = told ? 'row gap' : `row colour-${colour(event.type)}`;
  if (row.element.className !== style) row.element.className = style;
}
