// The overview: what flows, who is connected, what is held.

import { useNow } from '../shell/connection.jsx';
import { usePolled } from '../shell/polling.js';
import { form, slot, slotSentence } from '../connections/words.js';
import { ago, bytes, gapWords, number, several } from '../words.js';
import { colour } from '../events/row.js';
import { figure, readMetrics } from './metrics.js';
import { Plot } from './plot.jsx';

const TOP_TYPES = 8;
const TOP_CONNECTIONS = 8;

/** What the listener says of itself; each is `undefined` until it is known, and again when it does not answer. */
function useFigures(session, open) {
  const [{ value }] = usePolled(session, open, async () => {
    const [list, text] = await Promise.all([
      session.get('/ws/connections'),
      session.get('/metrics'),
    ]);
    const metrics = text && readMetrics(text);
    // The ports' traffic of the last minute is there when their view is opened.
    if (metrics) session.traffic.take(metrics, Date.now());
    return { connections: list && JSON.parse(list).connections, metrics };
  });
  return value ?? {};
}

function Figure({ name, value, note }) {
  return (
    <div class="figure card">
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        {note && <span class="quiet">{note}</span>}
      </dd>
    </div>
  );
}

function Types({ store }) {
  const all = store.types
    .map((name, index) => [name, store.counts[index]])
    .sort(([, a], [, b]) => b - a);
  const most = all[0]?.[1] ?? 1;
  return (
    <section class="card" aria-labelledby="types-title">
      <h2 id="types-title">Types</h2>
      {all.length === 0 ? (
        <p class="quiet">
          No events yet. Try <code>emit('my:event', 'hello')</code> in the application.
        </p>
      ) : (
        <ul class="bars">
          {all.slice(0, TOP_TYPES).map(([name, count]) => (
            <li key={name} class={`colour-${colour(name)}`}>
              <span class="type">{name}</span>
              <meter min="0" max={most} value={count} aria-label={name} />
              <span class="number">{number(count)}</span>
            </li>
          ))}
          {all.length > TOP_TYPES && (
            <li class="quiet">and {number(all.length - TOP_TYPES)} more</li>
          )}
        </ul>
      )}
    </section>
  );
}

function Connections({ connections, own, now, show }) {
  return (
    <section class="card" aria-labelledby="connections-title">
      <h2 id="connections-title">
        Connections
        <button type="button" class="link" onClick={() => show('Connections')}>
          All connections
        </button>
      </h2>
      {connections && <p class="holder">{slotSentence(connections)}.</p>}
      {!connections ? (
        <p class="quiet">The listener has not told them.</p>
      ) : (
        <div class="wide" tabIndex={0} role="group" aria-labelledby="connections-title">
          <table>
            <thead>
              <tr>
                <th scope="col">Connection</th>
                <th scope="col">Slot</th>
                <th scope="col">Since</th>
                <th scope="col">Behind</th>
                <th scope="col">Form</th>
              </tr>
            </thead>
            <tbody>
              {connections.slice(0, TOP_CONNECTIONS).map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.id}
                    {own.has(one.id) && <span class="tag">this page</span>}
                  </th>
                  <td>
                    <span class={`place place-${one.slot ?? 'none'}`}>{slot(one)}</span>
                  </td>
                  <td>{ago(Date.parse(one.connected), now)}</td>
                  <td>{number(one.behind?.events)}</td>
                  <td>{form(one)}</td>
                </tr>
              ))}
              {connections.length > TOP_CONNECTIONS && (
                <tr>
                  <td colSpan={5} class="quiet">
                    and {number(connections.length - TOP_CONNECTIONS)} more
                  </td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** What the journal holds, and what it may. */
function held(metrics) {
  const events = figure(metrics, 'loopwire_journal_events');
  if (events === undefined) return undefined;
  const most = figure(metrics, 'loopwire_journal_max_bytes');
  return `of ${bytes(most)}, in ${several(events, 'event')}`;
}

/** Who gets the events of the one place that connections of the SDK's form share. */
function holder(connections) {
  if (!connections) return undefined;
  const one = connections.find(({ slot }) => slot === 'active');
  return one ? `${one.id} holds the SDK's slot` : "nobody holds the SDK's slot";
}

export function Overview({ session, state, isDark, show }) {
  const now = useNow(true);
  const open = state.name === 'open';
  const { connections, metrics } = useFigures(session, open);
  const { store, rates, gaps } = session;
  const refused = (metrics?.get('loopwire_refused_total') ?? []).filter(({ value }) => value > 0);
  const old = open ? '' : ' as of the last answer';
  return (
    <div class="overview">
      <h1 class="sr">Overview</h1>
      <section class="card" aria-labelledby="rate-title">
        <h2 id="rate-title">
          Events per second <span class="now">{number(rates.at(Math.floor(now / 1000) - 1))}</span>
        </h2>
        <Plot rates={rates} isDark={isDark} />
      </section>
      <dl class="figures">
        <Figure
          name="Published"
          value={number(figure(metrics, 'loopwire_journal_published_total'))}
          note={`${number(store.end)} seen by this page${old}`}
        />
        <Figure
          name="Gaps"
          value={number(gaps.count)}
          note={gaps.last ? gapWords(gaps.last) : 'nothing is missing'}
        />
        <Figure
          name="Journal"
          value={bytes(figure(metrics, 'loopwire_journal_bytes'))}
          note={held(metrics)}
        />
        <Figure
          name="Connections"
          value={number(figure(metrics, 'loopwire_connections'))}
          note={holder(connections)}
        />
        <Figure
          name="Refused"
          value={number(metrics && refused.reduce((sum, { value }) => sum + value, 0))}
          note={
            refused.map(({ labels, value }) => `${labels.reason} ${number(value)}`).join(', ') ||
            'no request'
          }
        />
        <Figure
          name="Version"
          value={metrics?.get('loopwire_build_info')?.[0]?.labels.version ?? '–'}
          note="of the listener"
        />
      </dl>
      <div class="pair">
        <Types store={store} />
        <Connections connections={connections} own={session.own} now={now} show={show} />
      </div>
    </div>
  );
}
