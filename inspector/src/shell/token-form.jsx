// Where the token is entered.

import { useEffect, useRef, useState } from 'preact/hooks';
import { advice } from '../words.js';

export function TokenForm({ reason, onToken }) {
  const [problem, setProblem] = useState('');
  const input = useRef(null);
  useEffect(() => input.current.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await onToken(input.current.value.trim());
    } catch (error) {
      setProblem(error.message);
    }
  };
  const said =
    problem || (reason && reason.code !== 'CLOSED' ? advice(reason) || reason.message : '');
  return (
    <main class="gate" id="main">
      <form class="card" onSubmit={submit}>
        <h1>Look into the listener</h1>
        <p class="quiet">
          Everything that this page shows needs the listener's token. It stays in this window and is
          never stored.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          ref={input}
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          aria-invalid={said ? 'true' : undefined}
          aria-describedby="token-problem"
        />
        <p id="token-problem" class="problem" role="alert">
          {said}
        </p>
        <button type="submit" class="primary">
          Connect
        </button>
        <p class="quiet">
          <code>loopwire serve --inspect</code> prints an address that has the token in it.
        </p>
      </form>
    </main>
  );
}
