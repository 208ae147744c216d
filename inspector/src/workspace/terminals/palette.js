// The colours of a screen: the page's own for text and ground, and sixteen more that go with them.

const LIGHT = {
  black: '#1f2933',
  red: '#b3261e',
  green: '#1a7f4b',
  yellow: '#8a6100',
  blue: '#1f5fbf',
  magenta: '#8a3a9c',
  cyan: '#0b6e75',
  white: '#5b6875',
  brightBlack: '#6b7885',
  brightRed: '#c93a31',
  brightGreen: '#22854f',
  brightYellow: '#946a00',
  brightBlue: '#2f6fd0',
  brightMagenta: '#a03a78',
  brightCyan: '#0f7d85',
  brightWhite: '#1f2933',
};

const DARK = {
  black: '#27323b',
  red: '#ff8a80',
  green: '#58c98b',
  yellow: '#dcc05a',
  blue: '#86b4ff',
  magenta: '#d79cf5',
  cyan: '#4fc7cd',
  white: '#c9d4de',
  brightBlack: '#94a3b1',
  brightRed: '#ffaba3',
  brightGreen: '#86e0ae',
  brightYellow: '#f0d98a',
  brightBlue: '#aecdff',
  brightMagenta: '#efb6dd',
  brightCyan: '#8be3e8',
  brightWhite: '#ffffff',
};

/** As the page is now. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const [background, foreground, cursor] = ['--card', '--text', '--accent'].map(value);
  const dark = style.colorScheme === 'dark';
  return {
    ...(dark ? DARK : LIGHT),
    background,
    foreground,
    cursor,
    cursorAccent: background,
    selectionBackground: dark ? '#2d5a60' : '#b5dfe2',
  };
}
