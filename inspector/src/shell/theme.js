// Light, dark, or as the system has it.

const KEY = 'loopwire-inspector-theme';
export const THEMES = ['auto', 'light', 'dark'];

/** Storage may be forbidden to the page: then the choice holds until it is closed. */
function stored(call) {
  try {
    return call(localStorage);
  } catch {
    return null;
  }
}

export function readTheme() {
  const theme = stored((storage) => storage.getItem(KEY));
  return THEMES.includes(theme) ? theme : 'auto';
}

export function applyTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  stored((storage) => storage.setItem(KEY, theme));
}
