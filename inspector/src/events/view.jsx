// The events: a list that follows, a filter, and one event in full.

import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, number } from '../words.js';
import { exportLines } from './export.js';
import { VirtualList } from './list.js';
import { fillRow, makeRow } from './row.js';
import { Tree } from './tree.jsx';

/** How often the numbers beside the list change. */
const FIGURES_MS = 250;

/** Draws the list once a frame if something has come, and not at all otherwise. */
function useList(scroller, session, model, onFollow) {
  const list = useRef(null);
  useEffect(() => {
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

function Details({ session, model }) {
  const [copied, setCopied] = useState('');
  const message = session.store.message(model.selected);
  const row = session.store.at(model.selected);
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
        <button
          type="button"
          class="icon"
          aria-label="Close the details"
          onClick={() => model.select(undefined)}
        >
          ×
        </button>
      </div>
      {row ? (
        <>
          <p class="quiet">
            {row.seq !== undefined && `Number ${number(row.seq)}, `}
            {row.stamped ? clock(row.time) : `came ${clock(row.time)}`}
          </p>
          <Tree value={message} label="The event" key={model.selected} />
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

export function Events({ session, model, state }) {
  const scroller = useRef(null);
  const [follows, setFollows] = useState(true);
  const [, draw] = useState(0);
  const list = useList(scroller, session, model, setFollows);
  const { store } = session;

  useEffect(() => {
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
      const now = [store.end, store.first, model.length, model.behind].join();
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
  const waiting = model.isPaused ? store.end - Math.max(model.pausedAt, store.first) : 0;
  const types = store.types
    .map((name, index) => [name, store.counts[index]])
    .sort(([a], [b]) => (a < b ? -1 : 1));

  return (
    <section
      class={model.selected === undefined ? 'events' : 'events with-details'}
      onKeyDown={(event) => event.key === 'Escape' && model.select(undefined)}
    >
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
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <label class="sr" for="type">
          Filter by type
        </label>
        <select
          id="type"
          value={model.type}
          onChange={(event) => filter(event.currentTarget.value, model.text)}
        >
          <option value="">All types</option>
          {types.map(([name, count]) => (
            <option key={name} value={name}>
              {`${name} (${number(count)})`}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-pressed={model.isPaused}
          onClick={() => model.togglePause()}
          title="Pause (p)"
        >
          {model.isPaused ? `Go on${waiting > 0 ? ` (${number(waiting)} new)` : ''}` : 'Pause'}
        </button>
        <button
          type="button"
          disabled={model.length === 0}
          onClick={() => exportLines(store, model)}
        >
          Export
        </button>
        <button type="button" disabled={store.length === 0} onClick={() => model.clear()}>
          Clear
        </button>
        <span class="count">
          {isFiltered ? `${number(model.length)} of ${number(store.length)}` : number(model.length)}{' '}
          events
          {model.behind > 0 && ', looking…'}
        </span>
      </div>
      <div class="split">
        <div class="list">
          <div class="grid-head" aria-hidden="true">
            <span class="seq">Number</span>
            <span class="time">Time</span>
            <span class="type">Type</span>
            <span class="text">Event</span>
          </div>
          <div
            class="scroller"
            ref={scroller}
            role="grid"
            tabIndex={0}
            aria-label="Events, oldest first"
            aria-colcount={4}
          />
          {model.length === 0 && (
            <div class="empty">
              {isFiltered ? (
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
        {model.selected !== undefined && <Details session={session} model={model} />}
      </div>
    </section>
  );
}
