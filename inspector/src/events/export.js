// The events that are shown as a file of JSON lines.

/** After so many milliseconds the page gets its turn. */
const SLICE_MS = 8;
/** So many characters become one piece: a text of all of them could be longer than an engine allows. */
const PIECE_CHARS = 1024 * 1024;

/**
 * @param {import('./store.js').EventStore} store
 * @param {import('./model.js').EventsModel} model
 * @param {{progress: (share: number) => void, signal: AbortSignal}} options
 */
export async function exportLines(store, model, { progress, signal }) {
  const pieces = [];
  // What is filtered out or dropped meanwhile does not move what is exported.
  const places = new Float64Array(model.length);
  for (let index = 0; index < places.length; index += 1) places[index] = model.at(index);
  let text = '';
  let late = performance.now() + SLICE_MS;
  for (const [index, place] of places.entries()) {
    const line = store.line(place);
    if (line !== undefined) text += `${line}\n`;
    if (text.length > PIECE_CHARS) {
      pieces.push(new Blob([text]));
      text = '';
    }
    if (performance.now() < late) continue;
    progress(index / places.length);
    await turn();
    if (signal.aborted) return;
    late = performance.now() + SLICE_MS;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([...pieces, text], { type: 'application/jsonl' }));
  link.download = `loopwire-events-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Timers of a page that is not visible come once a second; messages do not wait. */
const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
