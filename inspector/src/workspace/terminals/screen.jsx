// The screen that is shown, with what can be done about it.

import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../problem.jsx';

function stateOf({ exit, isAttached, problem, terminal }) {
  if (exit) {
    const how = exit.signal ? `by ${exit.signal}` : `with exit code ${exit.exitCode}`;
    const why = exit.reason ? ` (${exit.reason})` : '';
    return `Ended ${how} after ${(exit.durationMs / 1000).toFixed(1)} s${why}`;
  }
  if (isAttached) return 'Attached';
  if (problem) return 'Not attached';
  return terminal ? 'Detached: the command goes on' : 'Starting…';
}

export function ScreenPane({ held, terminals, isDark, onLeave }) {
  const place = useRef(null);
  useEffect(() => {
    held.mount(place.current);
    return () => held.unmount();
  }, [held]);
  held.onLeave = onLeave;
  useEffect(() => held.colour(), [held, isDark]);

  const { title, said, link, isAttached, id, problem, exit } = held;
  return (
    <section class="screen-pane" aria-label={`Terminal ${title}`}>
      <div class="screen-head">
        <h2>
          <bdi>{said || title}</bdi>
        </h2>
        <span class={isAttached ? 'good' : 'quiet'} role="status">
          {stateOf(held)}
        </span>
        <span class="screen-actions">
          <button
            type="button"
            aria-pressed={terminals.isReadAloud}
            onClick={() => terminals.readAloud(!terminals.isReadAloud)}
            title="For screen readers: the output is read, and its lines can be walked through"
          >
            Screen reader
          </button>
          {isAttached ? (
            <button type="button" onClick={() => terminals.detach(held)}>
              Detach
            </button>
          ) : (
            <>
              {!exit && id !== undefined && (
                <button
                  type="button"
                  onClick={() => terminals.attach({ id, command: title, pty: held.pty })}
                >
                  Attach
                </button>
              )}
              <button type="button" onClick={() => terminals.close(held)}>
                Close
              </button>
            </>
          )}
        </span>
      </div>
      <Problem error={problem} part="terminals" />
      <div class="screen-place" ref={place} />
      <p class="screen-foot quiet">
        <span>
          <kbd>F6</kbd> leaves the terminal
        </span>
        {link && (
          <span class="link-said">
            Link: <bdi>{link}</bdi>
          </span>
        )}
      </p>
    </section>
  );
}
