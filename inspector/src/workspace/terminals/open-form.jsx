// A new terminal: which command, and where.

import { useState } from 'preact/hooks';

export function OpenForm({ onOpen, disabled }) {
  const [command, setCommand] = useState('');
  const [cwd, setCwd] = useState('');
  const field = { spellcheck: false, autocomplete: 'off', autocapitalize: 'off' };
  return (
    <form
      class="open-form"
      onSubmit={(event) => {
        event.preventDefault();
        onOpen({ command: command.trim(), cwd: cwd.trim() });
        setCommand('');
      }}
    >
      <label class="sr" for="terminal-command">
        Command
      </label>
      <input
        id="terminal-command"
        placeholder="Command (empty: a shell)"
        value={command}
        onInput={(event) => setCommand(event.currentTarget.value)}
        {...field}
      />
      <label class="sr" for="terminal-cwd">
        Directory
      </label>
      <input
        id="terminal-cwd"
        placeholder="Directory (empty: the root)"
        value={cwd}
        onInput={(event) => setCwd(event.currentTarget.value)}
        {...field}
      />
      <button type="submit" class="primary" disabled={disabled}>
        Open
      </button>
    </form>
  );
}
