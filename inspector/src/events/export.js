// The events that are shown as a file of JSON lines.

/** So many events become one piece: a text of all of them could be longer than an engine allows. */
const PIECE = 5000;

/** @param {import('./store.js').EventStore} store @param {import('./model.js').EventsModel} model */
export async function exportLines(store, model) {
  const pieces = [];
  const places = Float64Array.from({ length: model.length }, (_, index) => model.at(index));
  for (let from = 0; from < places.length; from += PIECE) {
    let text = '';
    for (const place of places.subarray(from, from + PIECE)) {
      const message = store.message(place);
      if (message) text += `${JSON.stringify(message)}\n`;
    }
    pieces.push(new Blob([text]));
    // The page stays alive meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(pieces, { type: 'application/jsonl' }));
  link.download = `loopwire-events-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
