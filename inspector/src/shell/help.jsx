// The keys, in a dialog.

import { useEffect, useRef } from 'preact/hooks';

const KEYS = [
  ['1 to 5', 'Overview, Events, Ports, Workspace, Connections'],
  ['/', 'Filter the events'],
  ['p', 'Pause, go on'],
  ['End', 'The newest event'],
  ['↑ ↓ Page Up Page Down', 'Move in the list, in the tree, between the buttons of a table'],
  ['← →', 'Close and open a branch of the tree; the next button of a row'],
  ['Esc', 'Close the details, take a question back'],
  ['F6', 'Leave a terminal'],
  ['t', 'Light, dark, as the system'],
  ['?', 'This help'],
];

export function Help({ open, onClose }) {
  const dialog = useRef(null);
  useEffect(() => {
    if (open && !dialog.current.open) dialog.current.showModal();
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
