// The places of the events that a filter lets through, found in slices so that the page stays smooth.

/** After so many milliseconds the rest waits for the next frame. */
const SLICE_MS = 6;

export class Matches {
  /** How many were dropped at the beginning, since the store dropped them. */
  dropped = 0;
  #store;
  #type;
  #needles;
  /** Whether the name of a type has the text, by its number. */
  #named = [];
  #places = new Float64Array(1024);
  #from = 0;
  #to = 0;
  /** The place that is looked at next. */
  #next;

  /** @param {import('./store.js').EventStore} store @param {{type: string, text: string}} filter */
  constructor(store, { type, text }) {
    this.#store = store;
    this.#type = type;
    this.#needles = needles(text);
    this.#next = store.first;
  }

  get length() {
    return this.#to - this.#from;
  }

  at(index) {
    return this.#places[this.#from + index];
  }

  /** How many events are still to be looked at. */
  get behind() {
    return this.#store.end - Math.max(this.#next, this.#store.first);
  }

  /** The index of the first match that is not before `place`. */
  indexOf(place) {
    let low = this.#from;
    let high = this.#to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low - this.#from;
  }

  /** Looks at what has come, for a while. */
  step(now = () => performance.now()) {
    const store = this.#store;
    while (this.length > 0 && this.at(0) < store.first) {
      this.#from += 1;
      this.dropped += 1;
    }
    this.#next = Math.max(this.#next, store.first);
    const late = now() + SLICE_MS;
    while (this.#next < store.end) {
      this.#scan(store.chunks[store.chunkAt(this.#next)]);
      if (now() > late) break;
    }
  }

  #scan(chunk) {
    const wanted = this.#type === '' ? -1 : this.#store.types.indexOf(this.#type);
    const gap = this.#store.types.indexOf('gap');
    const from = this.#next - chunk.first;
    this.#next = chunk.first + chunk.length;
    const hits = chunk.text !== undefined && this.#needles.length > 0 ? this.#hits(chunk) : null;
    for (let index = from; index < chunk.length; index += 1) {
      const type = chunk.types[index];
      // What is missing may have matched, so that a gap passes each filter.
      if (type === gap && Number.isNaN(chunk.seqs[index])) {
        this.#add(chunk.first + index);
        continue;
      }
      if (this.#type !== '' && type !== wanted) continue;
      if (this.#needles.length > 0 && !this.#has(type)) {
        if (hits ? !hits.has(index) : !this.#in(lower(chunk.body(index)))) continue;
      }
      this.#add(chunk.first + index);
    }
  }

  #hits(chunk) {
    const text = lower(chunk.text);
    const hits = new Set();
    for (const needle of this.#needles) {
      let index = 0;
      for (let at = text.indexOf(needle); at >= 0;) {
        while (chunk.ends[index] <= at) index += 1;
        // A hit over the border of two events is none; the next may begin inside of it.
        const inside = at + needle.length <= chunk.ends[index];
        if (inside) hits.add(index);
        at = text.indexOf(needle, inside ? chunk.ends[index] : at + 1);
      }
    }
    return hits;
  }

  #has(type) {
    return (this.#named[type] ??= this.#in(lower(this.#store.types[type])));
  }

  #in(text) {
    return this.#needles.some((needle) => text.includes(needle));
  }

  #add(place) {
    if (this.#to === this.#places.length) {
      const kept = this.#places.subarray(this.#from, this.#to);
      // Room for as many again, or only what was dropped is taken out.
      const places = new Float64Array(Math.max(1024, kept.length * 2));
      places.set(kept);
      this.#places = places;
      this.#to = kept.length;
      this.#from = 0;
    }
    this.#places[this.#to] = place;
    this.#to += 1;
  }
}

/** Lower case, with as many characters as before: this is the one character that becomes two. */
const lower = (text) =>
  (text.includes('\u0130') ? text.replaceAll('\u0130', 'i') : text).toLowerCase();

/** What is looked for in JSON text: what was typed, and how JSON writes that inside of a string. */
function needles(text) {
  if (text === '') return [];
  const typed = lower(text);
  const escaped = JSON.stringify(typed).slice(1, -1);
  return escaped === typed ? [typed] : [typed, escaped];
}
