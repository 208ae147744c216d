// The connections of the listener: who, since when, how far behind, and how to end one.

import { useActions } from '../shell/actions.js';
import { usePolled } from '../shell/polling.js';
import { Confirm } from '../shell/confirm.jsx';
import { useNow } from '../shell/connection.jsx';
import { Cell, Failed, Rows, useFirst } from '../shell/rows.jsx';
import { TableView } from '../shell/table-view.jsx';
import { ago, bytes, moment, number } from '../words.js';
import { form, slot, slotSentence } from './words.js';

const COLUMNS = ['Connection', 'Since', 'Slot', 'Events', 'Behind', 'Pinged'];

/** What helps against a failed request. */
const HELP = {
  __proto__: null,
  UNREACHABLE: 'Try again when the connection is back.',
  UNAUTHORIZED: 'The token was replaced: connect with the new one.',
};

const help = ({ code }) => HELP[code] ?? '';

function Connection({ one, own, now, open, actions, poll, session }) {
  const { id, connected, lastPing, active, silent, slot: place, behind } = one;
  const { doing, failed } = actions.of(id);
  const at = Date.parse(connected);
  const disconnect = () =>
    actions.run(id, 'Disconnect', async () => {
      const { disconnected } = JSON.parse(await session.request('/ws/disconnect', { id }));
      await poll.current?.now();
      return disconnected > 0
        ? `${id} is disconnected. If its client connects again, it has another number.`
        : `${id} had left by itself.`;
    });
  return (
    <>
      <tr role="row" data-row={id}>
        <th role="rowheader" scope="row" class="col-connection">
          <span class="name">{id}</span>
          {own && <span class="tag">this page</span>} <span class="quiet">{form(one)}</span>
        </th>
        <Cell name="Since">
          {moment(at, now)} <span class="quiet">{ago(at, now)}</span>
        </Cell>
        <Cell name="Slot">
          <span class={`place place-${place ?? 'none'}`}>{slot(one)}</span>
        </Cell>
        <Cell name="Events">
          {active ? 'receives' : 'receives none'}{' '}
          {silent && <span class="quiet">silent: no file:changed</span>}
        </Cell>
        <Cell name="Behind">
          {behind ? (
            <>
              {number(behind.events)} <span class="quiet">{bytes(behind.bytes)}</span>
            </>
          ) : (
            '–'
          )}
        </Cell>
        <Cell name="Pinged">{ago(Date.parse(lastPing), now)} ago</Cell>
        <td role="cell" class="buttons">
          {own ? (
            <span class="quiet">ends with this page</span>
          ) : (
            <Confirm
              name="disconnect"
              verb="Disconnect"
              label={`Disconnect ${id}`}
              question={`Disconnect ${id}?`}
              doing={doing && 'Disconnecting…'}
              disabled={!open}
              onConfirm={disconnect}
            />
          )}
        </td>
      </tr>
      {failed && (
        <Failed
          what={`${failed.what} ${id}`}
          error={failed.error}
          advice={help(failed.error)}
          columns={COLUMNS.length + 1}
          onClose={() => actions.forget(id)}
        />
      )}
    </>
  );
}

export function Connections({ session, state }) {
  const open = state.name === 'open';
  const now = useNow(true);
  const actions = useActions(session, 'connections');
  const polled = usePolled(session, open, async () => {
    const { connections: all } = JSON.parse(await session.request('/ws/connections'));
    return all;
  });
  const [{ value: connections = [] }, poll] = polled;
  const [first, more] = useFirst(connections);
  return (
    <TableView
      name="connections"
      title="Connections"
      list="The connections"
      summary={`${number(connections.length)} open. ${slotSentence(connections)}`}
      polled={polled}
      actions={actions}
      help={help}
      open={open}
    >
      <Rows label="Connections of the listener" columns={COLUMNS} keys={first.map(({ id }) => id)}>
        {first.map((one) => (
          <Connection
            key={one.id}
            one={one}
            own={session.own.has(one.id)}
            now={now}
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
