// A new terminal: which command, and where.

import { useState } from 'preact/hooks';
import { TextField } from '../text-field.jsx';

export function OpenForm({ onOpen, disabled }) {
  const [command, setCommand] = useState('');
  const [cwd, setCwd] = useState('');
  return (
    <form
      class="open-form"
      onSubmit={(event) => {
        event.preventDefault();
        onOpen({ command: command.trim(), cwd: cwd.trim() });
        setCommand('');
      }}
    >
      <TextField
        id="terminal-command"
        label="Command"
        isHidden
        placeholder="Command (empty: a shell)"
        value={command}
        onValue={setCommand}
      />
      <TextField
        id="terminal-cwd"
        label="Directory"
        isHidden
        placeholder="Directory (empty: the root)"
        value={cwd}
        onValue={setCwd}
      />
      <button type="submit" class="primary" disabled={disabled}>
        Open
      </button>
    </form>
  );
}
