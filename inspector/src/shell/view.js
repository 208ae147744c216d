// Which view is shown. It is kept in the entry of the history, so that Back leads to the former one, and a reload to the same.

import { useEffect, useState } from 'preact/hooks';

/** @param {any[]} views @returns {[number, (index: number) => void]} */
export function useView(views) {
  const read = () => (views[history.state?.view]?.View ? history.state.view : 0);
  const [view, show] = useState(read);
  useEffect(() => {
    const moved = () => show(read());
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const setView = (index) => {
    if (index !== read()) history.pushState({ view: index }, '');
    show(index);
  };
  return [view, setView];
}
