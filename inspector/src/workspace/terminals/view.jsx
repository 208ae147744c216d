// The terminals: a list, a form for a new one, and a screen.

import { useEffect, useRef } from 'preact/hooks';
import { useModel } from '../observable.js';
import { Problem } from '../problem.jsx';
import { OpenForm } from './open-form.jsx';
import { TerminalRow } from './row.jsx';
import { ScreenPane } from './screen.jsx';

export function TerminalsTab({ workspace, open, isDark }) {
  const { terminals } = workspace;
  const list = useRef(null);
  useModel(terminals);

  useEffect(() => (open ? terminals.follow() : undefined), [terminals, open]);

  const { rows, shown, problem } = terminals;
  // It is a row as soon as it runs; one that never ran is only a screen.
  const leave = () => {
    const own =
      list.current.querySelector('[aria-current]') ?? list.current.querySelector('button, input');
    own?.focus();
  };
  return (
    <div class="terminals">
      <section class="terminal-list" aria-labelledby="terminals-title" ref={list}>
        <h2 id="terminals-title">Terminals</h2>
        <OpenForm onOpen={(wanted) => terminals.open(wanted)} disabled={!open} />
        <Problem error={problem} part="terminals" />
        {rows?.length === 0 && !problem && (
          <p class="quiet">None yet. Open one; without a command it is a shell.</p>
        )}
        {!rows && !problem && <p class="quiet">{open ? 'Asking…' : 'Not connected.'}</p>}
        <ul>
          {rows?.map((row) => (
            <TerminalRow
              key={`${typeof row.id} ${row.id}`}
              row={row}
              terminals={terminals}
              open={open}
            />
          ))}
        </ul>
      </section>
      {shown ? (
        <ScreenPane
          key={shown}
          held={shown}
          terminals={terminals}
          isDark={isDark}
          onLeave={leave}
        />
      ) : (
        <section class="screen-pane none">
          <p class="quiet">Open a terminal, or attach to one of the list.</p>
        </section>
      )}
    </div>
  );
}
