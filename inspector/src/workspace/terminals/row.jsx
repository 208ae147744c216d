// A terminal in the list.

import { Confirm } from '../../shell/confirm.jsx';
import { ago } from '../../words.js';

/** How it ended, or that it runs. */
export function stateWords({ running, exitCode, signal }) {
  if (running) return 'runs';
  return signal ? `ended by ${signal}` : `ended with ${exitCode ?? 'an unknown code'}`;
}

export function TerminalRow({ row, terminals, open }) {
  const { id, command, cwd, pid, running, attached, startedAt, pty } = row;
  const held = terminals.held.get(id);
  const here = held?.isAttached;
  const name = command || 'shell';
  const isShown = held && terminals.shown === held;
  const ending = terminals.ending.has(id);
  return (
    <li class={isShown ? 'terminal-row shown' : 'terminal-row'}>
      <button
        type="button"
        class="choose"
        aria-current={isShown ? 'true' : undefined}
        onClick={() => (here || held?.exit ? terminals.show(held) : terminals.attach(row))}
      >
        <span class="name">
          <bdi>{name}</bdi>
        </span>
        <span class="quiet">
          {ending ? 'is being ended' : stateWords(row)}
          {here && ', here'}
          {running && !here && ` · ${attached} attached`}
        </span>
        <span class="quiet where">
          <bdi>{cwd}</bdi>
        </span>
        <span class="quiet">
          {pid !== null && `process ${pid} · `}
          {ago(Date.parse(startedAt))} ago{!pty && ' · pipes'}
        </span>
      </button>
      {running && (
        <Confirm
          name="kill"
          verb="Kill"
          label={`Kill ${name}`}
          question="Kill this terminal?"
          doing={ending ? 'Killing…' : undefined}
          disabled={ending || !open}
          onConfirm={() => terminals.kill(row)}
        />
      )}
    </li>
  );
}
