// Events per second as a plot.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { number } from '../words.js';

const HEIGHT = 200;

/** With the colours that the page has now: a canvas takes none from the style sheet. */
function makePlot(element, rates) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 } },
      scales: {
        x: { range: (_, __, last) => [last - rates.span(last), last] },
        y: { range: (_, __, max) => [0, Math.max(5, max * 1.15)] },
      },
      axes: [
        { ...axis, space: 80, size: 30, values: '{HH}:{mm}:{ss}' },
        {
          ...axis,
          size: 52,
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? number(tick) : '')),
        },
      ],
      series: [
        {},
        {
          stroke: colour('--accent'),
          fill: colour('--accent-soft'),
          width: 2,
          points: { show: false },
        },
      ],
    },
    rates.series(Date.now()),
    element,
  );
}

export function Plot({ rates, isDark }) {
  const holder = useRef(null);
  useEffect(() => {
    const element = holder.current;
    const plot = makePlot(element, rates);
    const timer = setInterval(() => plot.setData(rates.series(Date.now())), 1000);
    const size = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    size.observe(element);
    return () => {
      clearInterval(timer);
      size.disconnect();
      plot.destroy();
    };
  }, [rates, isDark]);
  return (
    <div
      class="plot"
      ref={holder}
      role="img"
      aria-label="Events per second in the last two minutes"
    />
  );
}
