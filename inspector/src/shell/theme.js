// Light, dark, or as the system has it.

import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

const KEY = 'loopwire-inspector-theme';
const THEMES = ['auto', 'light', 'dark'];

/** Storage may be forbidden to the page: then the choice holds until it is closed. */
function stored(call) {
  try {
    return call(localStorage);
  } catch {
    return null;
  }
}

function readTheme() {
  const theme = stored((storage) => storage.getItem(KEY));
  return THEMES.includes(theme) ? theme : 'auto';
}

function useSystemDark() {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [query]);
  return isDark;
}

/** The choice, what takes the next one, and whether the page is dark now. */
export function useTheme() {
  const [theme, setTheme] = useState(readTheme);
  const isSystemDark = useSystemDark();
  const isDark = theme === 'auto' ? isSystemDark : theme === 'dark';
  // Before the effects of the views: they read the colours for what the style sheet does not reach.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  }, [isDark]);
  useEffect(() => stored((storage) => storage.setItem(KEY, theme)), [theme]);
  const next = () => setTheme((now) => THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
  return [theme, next, isDark];
}
