// What the tables have in common that one can do something in.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { number } from '../words.js';

/** So many rows are drawn, and so many more at a time: they are drawn anew each second, since they say how long ago. */
const AT_ONCE = 100;

const NEIGHBOURS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const BESIDE = { ArrowLeft: -1, ArrowRight: 1 };

/** Arrows lead to the same button of another row, and to another button of the row. Tab leads through all of them. */
function move(event) {
  const button = event.target.closest('button');
  const row = button?.closest('[data-row]');
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const across = NEIGHBOURS[event.key];
  const step = across ?? BESIDE[event.key];
  if (step === undefined) return;
  const others = [
    ...(across === undefined
      ? row.querySelectorAll('button')
      : event.currentTarget.querySelectorAll(`[data-action="${button.dataset.action}"]`)),
  ];
  const index = others.indexOf(button) + step;
  others[Math.max(0, Math.min(others.length - 1, index))]?.focus();
  event.preventDefault();
}

/** The first rows, and what shows more of them. */
export function useFirst(rows) {
  const [most, setMost] = useState(AT_ONCE);
  const left = rows.length - most;
  const more = left > 0 && (
    <p class="quiet more">
      {`and ${number(left)} more `}
      <button type="button" class="link" onClick={() => setMost(most + AT_ONCE)}>
        Show more
      </button>
    </p>
  );
  return [rows.slice(0, most), more];
}

/**
 * A table that is one card a row in narrow windows, which takes its roles from a browser. `columns` are their names; `keys` those of
 * the rows, which have them as `data-row`. When the row with the focus goes, the one in its place gets it, or the table.
 */
export function Rows({ label, columns, keys, children }) {
  const table = useRef(null);
  const lost = useRef();
  // Before this is drawn the former rows are there.
  const row = table.current && document.activeElement?.closest('[data-row]');
  if (row && table.current.contains(row) && !keys.includes(row.dataset.row)) {
    const rows = [...table.current.querySelectorAll('[data-row]')];
    lost.current = { index: rows.indexOf(row), action: document.activeElement.dataset.action };
  }
  useLayoutEffect(() => {
    if (!lost.current) return;
    const { index, action } = lost.current;
    lost.current = undefined;
    const same = table.current.querySelectorAll(`[data-action="${action}"]`);
    (same[Math.min(index, same.length - 1)] ?? table.current).focus();
  });
  return (
    <table class="action-table" role="table" aria-label={label} ref={table} tabIndex={-1}>
      <thead role="rowgroup" class={keys.length === 0 ? 'sr' : undefined}>
        <tr role="row">
          {columns.map((name) => (
            <th role="columnheader" scope="col" key={name} class={`col-${name.toLowerCase()}`}>
              {name}
            </th>
          ))}
          <th role="columnheader" scope="col">
            <span class="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" onKeyDown={move}>
        {children}
      </tbody>
    </table>
  );
}

/** A cell with its column's name, which is shown in narrow windows. */
export function Cell({ name, children }) {
  return (
    <td role="cell" data-name={name} class={`col-${name.toLowerCase()}`}>
      {children}
    </td>
  );
}

/** A button of a row. It keeps the focus while it can do nothing. */
export function Action({ name, doing, disabled, onClick, children, ...rest }) {
  const off = disabled || doing !== undefined;
  return (
    <button
      type="button"
      data-action={name}
      aria-disabled={off ? 'true' : undefined}
      aria-busy={doing ? 'true' : undefined}
      onClick={() => !off && onClick()}
      {...rest}
    >
      {doing ?? children}
    </button>
  );
}

/** What has failed in a row, in a row of its own. */
export function Failed({ what, error, advice, columns, onClose }) {
  const close = (event) => {
    event.currentTarget.closest('tr').previousElementSibling.querySelector('button')?.focus();
    onClose();
  };
  return (
    <tr role="row" class="failed">
      <td role="cell" colSpan={columns}>
        <p role="alert">
          <strong>{what}:</strong> {error.message}. {advice}
        </p>
        <button type="button" onClick={close}>
          Close
        </button>
      </td>
    </tr>
  );
}
