// The forwarded ports: their state, their upstreams, what flows, and what can be done.

import { useEffect } from 'preact/hooks';
import { useActions } from '../shell/actions.js';
import { usePolled } from '../shell/polling.js';
import { Confirm } from '../shell/confirm.jsx';
import { useNow } from '../shell/connection.jsx';
import { Action, Cell, Failed, Rows, useFirst } from '../shell/rows.jsx';
import { readMetrics } from '../overview/metrics.js';
import { TableView } from '../shell/table-view.jsx';
import { ago, bytes, moment, number, several } from '../words.js';
import { perSecond, Sparkline } from './sparkline.jsx';
import { commandHelp, help } from './words.js';

/** After these the list may be another one. */
const TELLING = new Set([
  'portStateUpdate',
  'portRemoved',
  'forwardListCompleted',
  'proxyError',
  'restoreDone',
  'settingPortChange',
  'gap',
]);
const COLUMNS = ['Port', 'State', 'Upstream', 'Latency', 'Connections', 'Traffic'];
const DOING = { Rotate: 'Rotating…', Remove: 'Removing…' };

function State({ port, now }) {
  const { online, reason, since, lastError } = port;
  const at = Date.parse(since);
  return (
    <Cell name="State">
      <span class={online ? 'health good' : 'health bad'}>
        <span class="dot" aria-hidden="true" />
        {online ? 'Online' : 'Offline'}
      </span>{' '}
      <span class="quiet" title={`For ${ago(at, now)}`}>
        since {moment(at, now)}
      </span>
      {!online && (
        <span class="why" title={lastError ?? undefined}>
          <strong>{reason}.</strong> {help(reason)}
        </span>
      )}
    </Cell>
  );
}

function Flow({ traffic, port }) {
  const steps = traffic.steps(port);
  const last = steps.at(-1);
  return (
    <Cell name="Traffic">
      <span class="flow">
        <Sparkline steps={steps} />
        <span class="rates">
          {last ? (
            <>
              <span>↓ {perSecond(last.down)}</span> <span>↑ {perSecond(last.up)}</span>
            </>
          ) : (
            <span class="quiet">measuring…</span>
          )}
        </span>
      </span>
    </Cell>
  );
}

function Port({ port, now, traffic, open, actions, poll, session }) {
  const key = String(port.port);
  const { doing, failed } = actions.of(key);
  const total = traffic.total(port.port);
  const busy = (what) => (doing === what ? DOING[what] : undefined);
  const off = !open || doing !== undefined;
  const rotate = () =>
    actions.run(key, 'Rotate', async () => {
      const { upstream, proxyId, latencyMs } = await session.ask('port:rotate', {
        port: port.port,
      });
      await poll.current?.now();
      return `Port ${key} goes through ${upstream} now (${proxyId}, ${latencyMs} ms).`;
    });
  const remove = () =>
    actions.run(key, 'Remove', async () => {
      const { removed } = await session.ask('port:remove', { port: port.port });
      await poll.current?.now();
      return removed ? `Port ${key} is removed.` : `Port ${key} was not forwarded any more.`;
    });
  return (
    <>
      <tr role="row" data-row={key} class={port.online ? undefined : 'is-bad'}>
        <th role="rowheader" scope="row" class="col-port">
          <span class="name">{key}</span> <span class="quiet">{port.address}</span>
        </th>
        <State port={port} now={now} />
        <Cell name="Upstream">
          <span class="mono">{port.upstream}</span>{' '}
          <span class="quiet from-outside">{port.proxyId}</span>
        </Cell>
        <Cell name="Latency">{number(port.latencyMs)} ms</Cell>
        <Cell name="Connections">
          {number(port.streams)} open{' '}
          <span class="quiet">
            {number(port.connections)} so far{total && `, ${bytes(total.up + total.down)}`}
          </span>
        </Cell>
        <Flow traffic={traffic} port={port.port} />
        <td role="cell" class="buttons">
          <Action
            name="rotate"
            doing={busy('Rotate')}
            disabled={off}
            onClick={rotate}
            aria-label={busy('Rotate') ?? `Rotate port ${key}`}
            title="Take the next proxy of the provider"
          >
            Rotate
          </Action>
          <Confirm
            name="remove"
            verb="Remove"
            label={`Remove port ${key}`}
            question={`Remove port ${key}?`}
            doing={busy('Remove')}
            disabled={off}
            onConfirm={remove}
          />
        </td>
      </tr>
      {failed && (
        <Failed
          what={`${failed.what} port ${key}`}
          error={failed.error}
          advice={commandHelp(failed.error)}
          columns={COLUMNS.length + 1}
          onClose={() => actions.forget(key)}
        />
      )}
    </>
  );
}

function Empty() {
  return (
    <div class="nothing">
      <p>
        <strong>No port is forwarded.</strong>
      </p>
      <p class="quiet">
        Try <code>{"forward({ port: 60000, upstream: 'socks5://host:1080' })"}</code> in the
        application. It is shown here as soon as it works.
      </p>
    </div>
  );
}

export function Ports({ session, state }) {
  const open = state.name === 'open';
  const now = useNow(true);
  const { traffic } = session;
  const actions = useActions(session, 'ports');
  const polled = usePolled(session, open, async () => {
    const [list, metrics] = await Promise.all([session.ask('port:list'), session.get('/metrics')]);
    if (metrics) traffic.take(readMetrics(metrics), Date.now());
    return list.ports;
  });
  const [{ value: ports = [] }, poll] = polled;
  useEffect(
    () => session.onEvent(({ type }) => TELLING.has(type) && poll.current?.soon()),
    [session],
  );
  const [first, more] = useFirst(ports);
  const rates = ports.map(({ port }) => traffic.now(port)).filter(Boolean);
  const rate = rates.reduce((sum, { up, down }) => sum + up + down, 0);
  const offline = ports.filter(({ online }) => !online).length;
  const streams = ports.reduce((sum, { streams: open }) => sum + open, 0);
  const summary = (
    <>
      {number(ports.length)} forwarded
      {offline > 0 && (
        <>
          , <strong class="bad">{number(offline)} offline</strong>
        </>
      )}
      {ports.length > 0 && `, ${several(streams, 'connection')} open, ${perSecond(rate)}`}
    </>
  );
  return (
    <TableView
      name="ports"
      title="Ports"
      list="The ports"
      summary={summary}
      polled={polled}
      actions={actions}
      help={commandHelp}
      open={open}
    >
      {ports.length === 0 && <Empty />}
      <Rows label="Forwarded ports" columns={COLUMNS} keys={first.map(({ port }) => String(port))}>
        {first.map((port) => (
          <Port
            key={port.port}
            port={port}
            now={now}
            traffic={traffic}
            open={open}
            actions={actions}
            poll={poll}
            session={session}
          />
        ))}
      </Rows>
      {more}
    </TableView>
  );
}
