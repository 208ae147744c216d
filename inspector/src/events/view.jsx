// The events: a list that follows, a filter, and one event in full.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { clock, number, several } from '../words.js';
import { exportLines } from './export.js';
import { VirtualList } from './list.js';
import { fillRow, makeRow } from './row.js';
import { Tree } from './tree.jsx';
import { TypeFilter } from './type-filter.jsx';

const COLUMNS = [
  ['seq', 'Number'],
  ['time', 'Time'],
  ['type', 'Type'],
  ['text', 'Event'],
];
/** How often the numbers beside the list change. */
const FIGURES_MS = 250;
/** A screen reader says how many events match when nobody has typed for so long, and not with each event that comes. */
const SAID_AFTER_MS = 800;

/** Draws the list once a frame if something has come, and not at all otherwise. */
function useList(scroller, session, model, onFollow) {
  const list = useRef(null);
  // Before anybody can type: other effects may come a while after the view is there.
  useLayoutEffect(() => {
    const { store } = session;
    const source = {
      get length() {
        return model.length;
      },
      get dropped() {
        return model.dropped;
      },
      at: (index) => model.at(index),
      indexOf: (place) => model.indexOf(place),
      make: makeRow,
      fill: (row, place, index) => fillRow(store, row, place, index),
    };
    list.current = new VirtualList(scroller.current, source, {
      select: (place) => {
        // What is looked at must not run away.
        list.current.hold();
        model.select(place);
      },
      follow: onFollow,
    });
    let frame;
    let seen;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      model.step();
      const now = [store.end, model.length, model.dropped, model.version].join();
      if (now === seen) return;
      seen = now;
      list.current.refresh();
    };
    draw();
    const size = new ResizeObserver(() => list.current.refresh());
    size.observe(scroller.current);
    return () => {
      cancelAnimationFrame(frame);
      size.disconnect();
      list.current.destroy();
    };
  }, [session, model]);
  return list;
}

function Details({ session, model, onClose }) {
  const [copied, setCopied] = useState('');
  const row = session.store.at(model.selected);
  const isKept = row !== undefined;
  // Once, and not with the figures: an event may be a megabyte.
  const message = useMemo(
    () => session.store.message(model.selected),
    [session, model.selected, isKept],
  );
  const tree = useMemo(
    () => isKept && <Tree value={message} label="The event" key={model.selected} />,
    [message],
  );
  useEffect(() => setCopied(''), [model.selected]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(JSON.stringify(message, null, 2));
      setCopied('Copied');
    } catch {
      setCopied('The browser does not allow it');
    }
  };
  return (
    <aside class="details" aria-label="Details of the event">
      <div class="details-head">
        <h2>{row ? row.type : 'Dropped'}</h2>
        <button type="button" class="icon" aria-label="Close the details" onClick={onClose}>
          ×
        </button>
      </div>
      {row ? (
        <>
          <p class="quiet">
            {row.seq !== undefined && `Number ${number(row.seq)}, `}
            {row.stamped ? clock(row.time) : `came ${clock(row.time)}`}
          </p>
          {tree}
          <p class="actions">
            <button type="button" onClick={copy}>
              Copy as JSON
            </button>
            <span role="status">{copied}</span>
          </p>
        </>
      ) : (
        <p>The page keeps the newest million events, and this one is older now.</p>
      )}
    </aside>
  );
}

/** How many events match, in words for a screen reader; nothing before anybody filters. */
function useSaid(model, isFiltered) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (model.version === 0) return undefined;
    const timer = setTimeout(
      () =>
        setSaid(
          isFiltered
            ? several(model.length, 'event matches', 'events match')
            : `${several(model.length, 'event is', 'events are')} shown`,
        ),
      SAID_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [model, model.version]);
  return said;
}

function Export({ store, model }) {
  /** How much is done, while it is under way. */
  const [share, setShare] = useState();
  const abort = useRef(null);
  useEffect(() => () => abort.current?.abort(), []);
  const begin = async () => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    try {
      await exportLines(store, model, { progress: setShare, signal });
    } finally {
      if (!signal.aborted) setShare(undefined);
    }
  };
  if (share === undefined)
    return (
      <button type="button" disabled={model.length === 0} onClick={begin}>
        Export
      </button>
    );
  return (
    <button
      type="button"
      onClick={() => {
        abort.current.abort();
        setShare(undefined);
      }}
    >
      Cancel the export <span aria-hidden="true">({Math.floor(share * 100)} %)</span>
    </button>
  );
}

export function Events({ session, model, state }) {
  const scroller = useRef(null);
  const [follows, setFollows] = useState(true);
  const [, draw] = useState(0);
  const list = useList(scroller, session, model, setFollows);
  const { store } = session;

  useLayoutEffect(() => {
    const redraw = () => draw((count) => count + 1);
    const stop = model.onChange(() => {
      list.current.selected = model.selected;
      redraw();
      // The details may take the room in which the row is.
      if (model.selected !== undefined)
        requestAnimationFrame(() => list.current?.reveal(model.selected));
    });
    let seen;
    const timer = setInterval(() => {
      const now = [store.end, store.first, model.length, model.behind, model.version].join();
      if (now === seen) return;
      seen = now;
      redraw();
    }, FIGURES_MS);
    list.current.selected = model.selected;
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [session, model]);

  const filter = (type, text) => {
    model.filter(type, text);
    list.current.toNewest();
  };
  const isFiltered = model.type !== '' || model.text !== '';
  const said = useSaid(model, isFiltered);
  const closeDetails = () => {
    model.select(undefined);
    scroller.current.focus({ preventScroll: true });
  };
  const waiting = model.isPaused ? store.end - Math.max(model.pausedAt, store.first) : 0;

  return (
    <section
      class={model.selected === undefined ? 'events' : 'events with-details'}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && model.selected !== undefined) closeDetails();
      }}
    >
      <h1 class="sr">Events</h1>
      <p class="sr" role="status">
        {said}
      </p>
      <div class="toolbar" role="toolbar" aria-label="Events">
        <label class="sr" for="filter">
          Filter by text
        </label>
        <input
          id="filter"
          type="search"
          placeholder="Filter by text  ( / )"
          value={model.text}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => filter(model.type, event.currentTarget.value)}
          onKeyDown={(event) => {
            // From here it leads to the list; Escape also empties the field, as browsers have it.
            if (event.key !== 'Escape' && event.key !== 'Enter') return;
            event.stopPropagation();
            scroller.current.focus({ preventScroll: true });
          }}
        />
        <TypeFilter
          store={store}
          value={model.type}
          onChange={(type) => filter(type, model.text)}
        />
        <button
          type="button"
          class={model.isPaused ? 'held' : undefined}
          onClick={() => model.togglePause()}
          title="Pause (p)"
        >
          {model.isPaused ? 'Go on' : 'Pause'}
          {waiting > 0 && <span aria-hidden="true">{` (${number(waiting)} new)`}</span>}
        </button>
        <Export store={store} model={model} />
        <button type="button" disabled={store.length === 0} onClick={() => model.clear()}>
          Clear
        </button>
        <span class="count">
          {isFiltered && `${number(model.length)} of `}
          {several(isFiltered ? store.length : model.length, 'event')}
          {model.behind > 0 && ', looking…'}
        </span>
      </div>
      <div class="split">
        <div class="list">
          <div
            class="scroller"
            ref={scroller}
            role="grid"
            tabIndex={0}
            aria-label="Events, oldest first"
            aria-colcount={4}
            aria-rowcount={1}
          >
            <div role="rowgroup" class="head">
              <div class="grid-head" role="row" aria-rowindex={1}>
                {COLUMNS.map(([name, title]) => (
                  <span key={name} class={name} role="columnheader">
                    {title}
                  </span>
                ))}
              </div>
            </div>
          </div>
          {model.length === 0 && (
            <div class="empty">
              {model.isPaused && store.length > 0 && !isFiltered ? (
                <>
                  <p>
                    {store.first > model.pausedAt
                      ? 'What was shown when you paused is older than the newest million events, which the page keeps.'
                      : 'There was no event when you paused.'}
                  </p>
                  <button type="button" onClick={() => model.togglePause()}>
                    Go on
                  </button>
                </>
              ) : isFiltered ? (
                <>
                  <p>No event matches the filter.</p>
                  <button type="button" onClick={() => filter('', '')}>
                    Show all events
                  </button>
                </>
              ) : (
                <p>
                  {state.name === 'open'
                    ? 'No events yet. Try '
                    : 'No events. Once the connection is back, try '}
                  <code>emit('my:event', 'hello')</code> in the application.
                </p>
              )}
            </div>
          )}
          {!follows && model.length > 0 && (
            <button type="button" class="newest primary" onClick={() => list.current.toNewest()}>
              Newest ↓
            </button>
          )}
        </div>
        {model.selected !== undefined && (
          <Details session={session} model={model} onClose={closeDetails} />
        )}
      </div>
    </section>
  );
}
