// A value of JSON as a tree, whose branches are made when they are opened.

import { useState } from 'preact/hooks';
import { number } from '../words.js';

/** Children of one branch that are shown at a time. */
const AT_ONCE = 100;
/** Characters of a text that are shown before it is asked for. */
const TEXT_CHARS = 2000;

function Text({ value }) {
  const [whole, setWhole] = useState(false);
  const text = JSON.stringify(value);
  if (whole || text.length <= TEXT_CHARS) return <span class="json-string">{text}</span>;
  return (
    <span class="json-string">
      {text.slice(0, TEXT_CHARS)}…{' '}
      <button type="button" class="link" onClick={() => setWhole(true)}>
        all {number(text.length)} characters
      </button>
    </span>
  );
}

function Leaf({ value }) {
  if (typeof value === 'string') return <Text value={value} />;
  return <span class={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>;
}

const isBranch = (value) => typeof value === 'object' && value !== null;

function Node({ name, value, level, open: initially }) {
  const [open, setOpen] = useState(initially);
  const [shown, setShown] = useState(AT_ONCE);
  const label = name === undefined ? null : <span class="json-key">{name}: </span>;
  // The line alone is the item: with its branches inside of it, a screen reader would read all of them.
  const item = { role: 'treeitem', tabIndex: -1, 'aria-level': level, 'aria-selected': false };
  if (!isBranch(value)) {
    return (
      <li role="none">
        <span class="line" {...item}>
          {label}
          <Leaf value={value} />
        </span>
      </li>
    );
  }
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  return (
    <li role="none">
      <span class="line branch" {...item} aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
        <span class="quiet">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </span>
      {open && (
        <ul role="group">
          {entries.slice(0, shown).map(([key, one]) => (
            <Node key={key} name={key} value={one} level={level + 1} open={level < 2} />
          ))}
          {entries.length > shown && (
            <li role="none">
              <button type="button" class="link" onClick={() => setShown(shown + AT_ONCE * 10)}>
                {number(entries.length - shown)} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

/** The keys that a tree has (WAI-ARIA Authoring Practices). */
function pressed(event) {
  const items = [...event.currentTarget.querySelectorAll('[role=treeitem]')];
  const item = event.target.closest('[role=treeitem]');
  const index = items.indexOf(item);
  const expanded = item?.getAttribute('aria-expanded');
  const toggle = () => item.click();
  let to;
  if (event.key === 'ArrowDown') to = items[index + 1];
  else if (event.key === 'ArrowUp') to = items[index - 1];
  else if (event.key === 'Home') to = items[0];
  else if (event.key === 'End') to = items.at(-1);
  else if (event.key === 'ArrowRight') {
    if (expanded === 'false') toggle();
    else if (expanded === 'true') to = items[index + 1];
  } else if (event.key === 'ArrowLeft') {
    if (expanded === 'true') toggle();
    else to = item?.closest('ul').parentElement.querySelector('[role=treeitem]');
  } else return;
  event.preventDefault();
  event.stopPropagation();
  to?.focus();
}

export function Tree({ value, label }) {
  return (
    <ul class="tree" role="tree" aria-label={label} tabIndex={0} onKeyDown={pressed}>
      {Object.entries(value).map(([key, one]) => (
        <Node key={key} name={key} value={one} level={1} open />
      ))}
    </ul>
  );
}
