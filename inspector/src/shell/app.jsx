// The shell: what stands around the views.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Connections } from '../connections/view.jsx';
import { EventsModel } from '../events/model.js';
import { Events } from '../events/view.jsx';
import { Overview } from '../overview/view.jsx';
import { Ports } from '../ports/view.jsx';
import { advice, needsToken } from '../words.js';
import { WorkspaceView } from '../workspace/view.jsx';
import { Workspace } from '../workspace/workspace.js';
import { Boundary } from './boundary.jsx';
import { Badge, Notice } from './connection.jsx';
import { Help } from './help.jsx';
import { useTheme } from './theme.js';
import { takeToken } from './token.js';
import { TokenForm } from './token-form.jsx';
import { useView } from './view.js';

/** In the order of their keys. */
const VIEWS = [
  { name: 'Overview', View: Overview },
  { name: 'Events', View: Events },
  { name: 'Ports', View: Ports },
  { name: 'Workspace', View: WorkspaceView },
  { name: 'Connections', View: Connections },
];

/** By name. */
const indexOf = (name) => VIEWS.findIndex((one) => one.name === name);

/** Where keys are text. */
const isTyping = (target) => /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);

const focusFilter = () => document.getElementById('filter')?.focus();

export function App({ session }) {
  const [state, setState] = useState(session.state);
  const [view, setView] = useView(VIEWS);
  const [help, setHelp] = useState(false);
  const [theme, nextTheme, isDark] = useTheme();
  /** Whether there was a connection: then a lost one is told above the views, which keep what they have. */
  const [entered, setEntered] = useState(false);
  /** For the keys: with what is drawn, not an effect later. */
  const hasViews = useRef(false);
  hasViews.current = entered;
  const model = useRef(null);
  model.current ??= new EventsModel(session.store);
  const workspace = useRef(null);
  workspace.current ??= new Workspace(session);

  useEffect(() => {
    const stop = session.onState((next) => {
      setState(next);
      if (next.name === 'open') setEntered(true);
      if (needsToken(next.reason)) setEntered(false);
    });
    const look = () => {
      const token = takeToken();
      // What is no token is told by the form, as any other refusal.
      if (token !== undefined)
        session
          .connect(token)
          .catch((error) =>
            setState({ name: 'closed', reason: { code: '', message: error.message } }),
          );
    };
    look();
    addEventListener('hashchange', look);
    return () => {
      stop();
      removeEventListener('hashchange', look);
    };
  }, [session]);

  useEffect(() => {
    document.title = `${entered ? VIEWS[view].name : 'Token'} – Loopwire inspector`;
    // What had the focus is gone: a screen reader says where one is, and Tab goes on from there.
    if (entered && document.activeElement === document.body)
      document.getElementById('main').focus({ preventScroll: true });
  }, [view, entered]);

  useEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') setHelp((open) => !open);
      else if (event.key === 't') nextTheme();
      else if (!hasViews.current || document.querySelector('dialog[open]')) return;
      else if (VIEWS[Number(event.key) - 1]) setView(Number(event.key) - 1);
      else if (event.key === 'p') model.current.togglePause();
      else if (event.key === '/') {
        setView(1);
        focusFilter();
        // If the view is only shown now.
        requestAnimationFrame(focusFilter);
      } else return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);

  useEffect(() => {
    // A key that is held down presses a button once, and sends a form once. In a terminal it is the command's.
    const held = (event) => {
      if (event.repeat && event.key === 'Enter' && /^(BUTTON|INPUT)$/.test(event.target.tagName))
        event.preventDefault();
    };
    addEventListener('keydown', held);
    return () => removeEventListener('keydown', held);
  }, []);

  const { View } = VIEWS[view];
  return (
    <div class="app">
      <header>
        <span class="brand">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M7 8a4 4 0 1 0 0 8c4 0 6-8 10-8a4 4 0 1 1 0 8c-4 0-6-8-10-8z" />
          </svg>
          Loopwire
        </span>
        {entered && (
          <nav aria-label="Views">
            {VIEWS.map(({ name }, index) => (
              <button
                type="button"
                key={name}
                aria-current={view === index ? 'page' : undefined}
                onClick={() => setView(index)}
              >
                {name}
              </button>
            ))}
          </nav>
        )}
        <div class="status" role="status">
          <Badge state={state} />
        </div>
        <button
          type="button"
          class="icon"
          onClick={nextTheme}
          aria-label={`Theme: ${theme}`}
          title={`Theme: ${theme} (t)`}
        >
          {{ auto: '◐', light: '☀', dark: '☾' }[theme]}
        </button>
        <button
          type="button"
          class="icon"
          onClick={() => setHelp(true)}
          aria-label="Help"
          title="Help (?)"
        >
          ?
        </button>
      </header>
      {entered && <Notice state={state} session={session} />}
      {entered && state.name === 'closed' && (
        <section class="notice" aria-label="Connection">
          <p>
            <strong>{state.reason.message}.</strong> {advice(state.reason)}
          </p>
          <button type="button" onClick={() => setEntered(false)}>
            Connect again
          </button>
        </section>
      )}
      {!entered && state.name === 'waiting' && <Notice state={state} session={session} />}
      {entered ? (
        <main id="main" tabIndex={0} aria-label={VIEWS[view].name}>
          <Boundary key={view}>
            <View
              session={session}
              model={model.current}
              workspace={workspace.current}
              state={state}
              isDark={isDark}
              show={(name) => setView(indexOf(name))}
            />
          </Boundary>
        </main>
      ) : (
        <TokenForm
          key={state.reason?.code}
          reason={state.reason}
          onToken={(token) => session.connect(token)}
        />
      )}
      <Help open={help} onClose={() => setHelp(false)} />
    </div>
  );
}
