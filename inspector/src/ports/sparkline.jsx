// A minute of traffic as a small picture, the newest on the right.

import { bytes } from '../words.js';
import { WINDOW_MS } from './traffic.js';

const WIDTH = 120;
const HEIGHT = 26;
/** The scale of a port that is almost idle: a keep-alive is not drawn as a mountain. */
const LEAST = 1024;

const sum = ({ up, down }) => up + down;

export const perSecond = (value) => `${bytes(Math.round(value))}/s`;

/** The steps as a line, from the left. */
function line(steps, most) {
  const end = steps.at(-1).to;
  const x = (at) => Math.max(0, WIDTH - ((end - at) / WINDOW_MS) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - 1 - (value / most) * (HEIGHT - 2)).toFixed(1);
  return steps
    .map((step) => `L${x(step.from)} ${y(sum(step))}H${x(step.to)}`)
    .join('')
    .slice(1);
}

export function Sparkline({ steps }) {
  if (steps.length === 0) return <svg class="sparkline" aria-hidden="true" />;
  const highest = Math.max(...steps.map(sum));
  const drawn = line(steps, Math.max(highest, LEAST));
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`In the last minute at most ${perSecond(highest)}`}
    >
      <path class="area" d={`M${WIDTH} ${HEIGHT}H${drawn.split(' ', 1)[0]}L${drawn}V${HEIGHT}`} />
      <path class="line" d={`M${drawn}`} />
    </svg>
  );
}
