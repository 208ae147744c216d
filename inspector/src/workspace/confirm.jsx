// A button that is asked twice. The second one is elsewhere, so that a double click is one answer only.

import { useEffect, useRef, useState } from 'preact/hooks';

/** @param {{label: string, question: string, sure: string, name?: string, onSure: () => void, disabled?: boolean}} props */
export function Confirm({ label, question, sure, name, onSure, disabled }) {
  const [asked, setAsked] = useState(false);
  const keep = useRef(null);
  const first = useRef(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (asked) keep.current.focus();
    else if (wasAsked.current) first.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  if (!asked) {
    return (
      <button
        type="button"
        ref={first}
        disabled={disabled}
        aria-label={name}
        onClick={() => setAsked(true)}
      >
        {label}
      </button>
    );
  }
  const answer = (yes) => {
    setAsked(false);
    if (yes) onSure();
  };
  return (
    <span
      class="confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        answer(false);
      }}
    >
      <button type="button" ref={keep} onClick={() => answer(false)}>
        Keep
      </button>
      <span>{question}</span>
      <button type="button" class="danger" onClick={() => answer(true)}>
        {sure}
      </button>
    </span>
  );
}
