// What the page says about its connection, in words that tell what to do.

// Maps of words have no prototype: what is asked for may be `__proto__`, and Preact writes to an object that it is to draw.

/** What helps, by the code of the reason (docs/client.md). */
const ADVICE = {
  __proto__: null,
  UNREACHABLE: 'Is the application still running?',
  CONNECTION_LOST: 'The connection broke.',
  LISTENER_CLOSED: 'The application has closed its listener, or ended.',
  TOO_MANY_CONNECTIONS: 'Close another window, or raise maxConnections.',
  HANDSHAKE_FAILED: 'The listener may be full: raise maxConnections.',
  UNAUTHORIZED: 'The listener refuses this token. Copy the one that the application uses now.',
  TOKEN_ROTATED: 'The token was replaced. Enter the new one; the events go on where they were.',
  DISCONNECTED: 'The application has disconnected this page.',
  ORIGIN_REFUSED: 'Open the page under the host name that the listener allows.',
  HOST_REFUSED: 'Open the page under a host name that the listener allows (allowedHosts).',
  UNEXPECTED_SERVER: 'Another server answers at this address now.',
};

/** A word of a stranger is not looked for among what every object has. */
const of = (table, word) => (Object.hasOwn(table, word ?? '') ? table[word] : undefined);

export const advice = (reason) => of(ADVICE, reason?.code) ?? '';

/** Whether another token may help. */
export const needsToken = (reason) => ['UNAUTHORIZED', 'TOKEN_ROTATED'].includes(reason?.code);

const GAPS = {
  __proto__: null,
  overflow: 'the journal had no room for them any more',
  restart: 'the application was started anew',
  ahead: 'the listener has not given these numbers yet',
  standby: 'they went to another connection',
  unknown: 'they were published while this page was away',
};

/** Whether a message tells of a gap. What an application calls so has a number, or other data. */
export const isGap = ({ type, seq, data }) =>
  type === 'gap' && seq === undefined && Number.isFinite(data?.from) && Number.isFinite(data.to);

/** @param {{from: number, to: number, reason: string, previous?: {seq: number}}} data */
export function gapWords({ from, to, reason, previous }) {
  const count = missing({ from, to });
  const why = of(GAPS, reason) ?? String(reason);
  if (reason === 'restart' && previous) {
    const also = count > 0 ? `, and ${number(count)} of the new run are missing` : '';
    return `${why}: everything behind number ${number(previous.seq)} of the former run is gone${also}`;
  }
  return `${number(count)} missing (${number(from)}–${number(to)}): ${why}`;
}

export const missing = ({ from, to }) => Math.max(0, to - from + 1);

const NUMBER = new Intl.NumberFormat('en');
/** An event of the application may have anything in the place of a number. */
export const number = (value) => (Number.isFinite(value) ? NUMBER.format(value) : '–');

/** `1 port`, `2 ports`. */
export const several = (value, noun, nouns = `${noun}s`) =>
  `${number(value)} ${value === 1 ? noun : nouns}`;

/** As much of the hash of a commit or a snapshot as a person compares. */
export const shortHash = (hash) => String(hash).slice(0, 10);

const UNITS = ['KiB', 'MiB', 'GiB'];

export function bytes(value) {
  if (!Number.isFinite(value)) return '–';
  if (value < 1024) return several(value, 'byte');
  let unit = -1;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

const two = (value) => String(value).padStart(2, '0');

/** The time of day here, to the millisecond. */
export function clock(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  const day = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/** The time of day, and the day if it was another one. */
export function moment(time, now = Date.now()) {
  if (clock(time) === '–') return '–';
  const day = new Date(time).toDateString() === new Date(now).toDateString();
  return `${day ? '' : `${DAY.format(time)}, `}${clock(time).slice(0, 8)}`;
}

/** How long ago, in the largest unit. */
export function ago(time, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d`;
}
