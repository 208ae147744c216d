// The page: events by IPC, and by a connection of its own to each listener.
import { EventClient } from './client/index.js';

/** The latest events that are shown. */
const SHOWN = 100;

function show(id, { type, data }) {
  const line = document.createElement('div');
  // Text, never HTML: what an event says may come from anywhere.
  line.textContent = `${type} ${JSON.stringify(data ?? null)}`;
  const list = document.getElementById(id);
  list.append(line);
  while (list.childElementCount > SHOWN) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

window.loopwire.listen((event) => show('ipc', event));

async function connect(id) {
  const { url, token } = await window.loopwire.connection(id);
  const client = new EventClient({ url, token });
  const state = document.getElementById(`${id}-state`);
  client.on('statechange', ({ name }) => (state.textContent = name));
  client.on('event', (event) => show(id, event));
  client.connect().catch((error) => (state.textContent = String(error)));
}

// Not one after the other: the utility process may take its time, or not start at all.
connect('main');
connect('utility');
