// A list of any length in which only the rows that are visible exist. It writes to the DOM by itself, once a frame: at thousands of
// events a second a tree of components would be made anew 60 times a second for nothing.

export const ROW_PX = 26;
/** The names of the columns, which stay above the rows. */
const HEAD_PX = 27;
/** Browsers cannot lay out more (Firefox: 17.8 million). Above it one pixel of the scroll bar is more than one of the list. */
const MAX_PX = 15_000_000;

export class VirtualList {
  /** Whether the newest row is kept in view. */
  follows = true;
  #scroller;
  #spacer;
  #window;
  #source;
  #on;
  #rows = [];
  #selected;
  #dropped;
  #lastTop = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {object} source `length`, `at(index)` gives a place, `indexOf(place)`, `dropped` (rows so far), `fill(row, place)`, `make()`
   * @param {object} on `select(place)`, `follow(follows)`
   */
  constructor(scroller, source, on) {
    this.#scroller = scroller;
    this.#source = source;
    this.#on = on;
    this.#window = scroller.ownerDocument.createElement('div');
    this.#window.className = 'rows';
    this.#window.setAttribute('role', 'rowgroup');
    this.#spacer = scroller.ownerDocument.createElement('div');
    this.#spacer.className = 'spacer';
    this.#spacer.setAttribute('role', 'presentation');
    this.#spacer.append(this.#window);
    scroller.append(this.#spacer);
    scroller.addEventListener('scroll', this.#scrolled, { passive: true });
    scroller.addEventListener('click', this.#clicked);
    scroller.addEventListener('keydown', this.#pressed);
  }

  set source(source) {
    this.#source = source;
    this.#dropped = undefined;
    this.refresh();
  }

  set selected(place) {
    this.#selected = place;
    this.refresh();
  }

  /** Shows a place, in the middle unless it is visible. */
  reveal(place) {
    const index = this.#source.indexOf(place);
    const top = index * ROW_PX;
    const height = this.#height;
    const at = this.#top();
    if (top >= at && top + ROW_PX <= at + height) return;
    this.#follow(false);
    this.#scroller.scrollTop = Math.max(0, top - height / 2) / this.#scale();
    this.refresh();
  }

  /** Stays where it is when something comes. */
  hold() {
    this.#follow(false);
  }

  toNewest() {
    this.#follow(true);
    this.refresh();
  }

  /** To be called at most once a frame. */
  refresh() {
    const { length } = this.#source;
    const height = this.#height;
    const px = Math.min(Math.max(length * ROW_PX, height), MAX_PX);
    // What was dropped at the beginning must not move what is looked at.
    const dropped = this.#source.dropped - (this.#dropped ?? this.#source.dropped);
    this.#dropped = this.#source.dropped;
    if (this.#spacer.px !== px) {
      this.#spacer.px = px;
      this.#spacer.style.height = `${px}px`;
    }
    if (this.follows) {
      const most = px - height;
      if (Math.abs(this.#scroller.scrollTop - most) >= 1) this.#scroller.scrollTop = most;
    } else if (dropped > 0) {
      this.#scroller.scrollTop -= (dropped * ROW_PX) / this.#scale();
    }
    this.#lastTop = this.#scroller.scrollTop;

    const top = this.#top();
    const start = Math.max(0, Math.min(Math.floor(top / ROW_PX), length - 1));
    const count = Math.min(length - start, Math.ceil(height / ROW_PX) + 1);
    while (this.#rows.length < count) {
      const row = this.#source.make(this.#rows.length);
      this.#rows.push(row);
      this.#window.append(row.element);
    }
    let active = null;
    for (const [slot, row] of this.#rows.entries()) {
      const visible = slot < count;
      if (row.element.hidden === visible) row.element.hidden = !visible;
      if (!visible) continue;
      const place = this.#source.at(start + slot);
      this.#source.fill(row, place, start + slot);
      const selected = place === this.#selected;
      if (selected) active = row.element.id;
      if (row.selected !== selected) {
        row.selected = selected;
        row.element.setAttribute('aria-selected', String(selected));
      }
    }
    const offset =
      this.follows && length * ROW_PX >= height ? height - count * ROW_PX : start * ROW_PX - top;
    this.#window.style.transform = `translateY(${Math.round(offset)}px)`;
    if (active === null) this.#scroller.removeAttribute('aria-activedescendant');
    else this.#scroller.setAttribute('aria-activedescendant', active);
    // With the names of the columns.
    this.#scroller.setAttribute('aria-rowcount', String(length + 1));
  }

  destroy() {
    this.#scroller.removeEventListener('scroll', this.#scrolled);
    this.#scroller.removeEventListener('click', this.#clicked);
    this.#scroller.removeEventListener('keydown', this.#pressed);
    this.#spacer.remove();
  }

  get #height() {
    return Math.max(0, this.#scroller.clientHeight - HEAD_PX);
  }

  /** Pixels of the list for one pixel of the scroll bar. */
  #scale() {
    const height = this.#height;
    const whole = this.#source.length * ROW_PX - height;
    const px = Math.min(Math.max(this.#source.length * ROW_PX, height), MAX_PX) - height;
    return px > 0 ? whole / px : 1;
  }

  #top() {
    return this.#scroller.scrollTop * this.#scale();
  }

  #follow(follows) {
    if (this.follows === follows) return;
    this.follows = follows;
    this.#on.follow(follows);
  }

  #scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    // What this list itself has set is no wish of the person.
    if (Math.abs(scrollTop - this.#lastTop) < 1) return;
    this.#follow(scrollTop + clientHeight >= scrollHeight - 2);
    this.refresh();
  };

  #clicked = ({ target }) => {
    const slot = this.#rows.findIndex(({ element }) => element.contains(target));
    if (slot >= 0) this.#on.select(this.#rows[slot].place);
  };

  #pressed = (event) => {
    const { length } = this.#source;
    if (length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.#height / ROW_PX) - 1);
    const now = this.#selected === undefined ? length : this.#source.indexOf(this.#selected);
    const to = {
      ArrowUp: now - 1,
      ArrowDown: now + 1,
      PageUp: now - page,
      PageDown: now + page,
      Home: 0,
      End: length - 1,
    };
    if (!Object.hasOwn(to, event.key)) return;
    event.preventDefault();
    const place = this.#source.at(Math.max(0, Math.min(length - 1, to[event.key])));
    this.#on.select(place);
    this.reveal(place);
  };
}
