// A button that asks before it does something.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Action } from './rows.jsx';

/**
 * The focus goes to the answer that changes nothing, and comes back to the button with it. That answer is where the button was,
 * or nothing is, so that a double click changes nothing.
 */
export function Confirm({ name, question, verb, doing, disabled, label, onConfirm }) {
  const [asks, setAsks] = useState(false);
  const box = useRef(null);
  const began = useRef(false);
  // Before the next key comes.
  useLayoutEffect(() => {
    if (!began.current && !asks) return;
    began.current = true;
    box.current.querySelector(asks ? '.keep' : 'button').focus();
  }, [asks]);
  if (!asks) {
    return (
      <span class="confirm" ref={box}>
        <Action
          name={name}
          doing={doing}
          disabled={disabled}
          aria-label={doing ?? label}
          onClick={() => setAsks(true)}
        >
          {verb}
        </Action>
      </span>
    );
  }
  const escape = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    setAsks(false);
  };
  return (
    <span class="confirm asks" ref={box} role="group" aria-label={question} onKeyDown={escape}>
      <span class="question">{question}</span>
      <button
        type="button"
        class="danger"
        disabled={disabled}
        onClick={() => {
          setAsks(false);
          onConfirm();
        }}
      >
        {verb}
      </button>
      <button type="button" class="keep" data-action={name} onClick={() => setAsks(false)}>
        Cancel
      </button>
    </span>
  );
}
