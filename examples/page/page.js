import { EventClient } from './client/index.js';

const { port, token } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
// The token is neither left in the address bar nor in the history.
history.replaceState(null, '', location.pathname);

const client = new EventClient({ url: `ws://127.0.0.1:${port}`, token });
client.on('statechange', ({ name }) => {
  document.querySelector('p').textContent = name;
});
client.on('event', ({ type, data }) => {
  const item = document.createElement('li');
  // Text, never HTML: what an event says may come from anywhere.
  item.textContent = `${type} ${JSON.stringify(data ?? null)}`;
  document.querySelector('ol').prepend(item);
});
client.connect().catch((error) => {
  document.querySelector('p').textContent = String(error);
});
