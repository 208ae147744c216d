// One terminal with a screen in this page. The screen is made when it is first shown, because the command is told its size.

import { attach } from '../../../../client/index.js';
import { palette } from './palette.js';

/** In lines. A line of 100 characters takes about 1 KiB. */
const SCROLLBACK = 5000;
/** What is kept of a title or an address that a program sets. */
const MAX_TEXT = 200;

const FONT =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** A file of its own: it is larger than the page. */
const load = () => import('/inspect/terminal.js');

export class Held {
  id;
  title;
  /** As the program calls itself, and a link that was chosen. Text, whatever is in it. */
  said = '';
  link = '';
  isAttached = false;
  exit;
  problem;
  terminal;
  /** Called when the key to leave is pressed. */
  onLeave = () => {};
  pty;
  #start;
  #changed;
  /** Called when it runs, has ended or could not be started. */
  #settled;
  #element;
  #xterm;
  #fit;
  #attachment;
  #size = new ResizeObserver(() => this.#fitted());
  #isReadAloud = false;
  #isDisposed = false;
  #wantsFocus = false;

  /** @param {{id?: string | number, title: string, pty: boolean}} known @param {(size: object) => Promise<any>} start */
  constructor({ id, title, pty }, start, changed, settled) {
    this.id = id;
    this.title = title;
    this.pty = pty;
    this.#start = start;
    this.#changed = changed;
    this.#settled = settled;
  }

  /** Whether it is not known yet what becomes of it. */
  get isStarting() {
    return !this.terminal && !this.problem && !this.#isDisposed;
  }

  /** Shows it there. */
  async mount(parent) {
    if (this.#element) {
      parent.append(this.#element);
      this.#size.observe(parent);
      if (this.#wantsFocus) this.focus();
      return;
    }
    this.#element = document.createElement('div');
    this.#element.className = 'screen';
    parent.append(this.#element);
    this.#size.observe(parent);
    try {
      await this.#begin();
    } catch (error) {
      this.problem = error;
    }
    this.#settled();
  }

  unmount() {
    this.#size.disconnect();
    this.#element?.remove();
  }

  /** At once, or when it is shown. Only if it was chosen: another view must not end in a terminal, where keys are its own. */
  focus() {
    this.#wantsFocus = !this.#element?.isConnected || !this.#xterm;
    if (this.#wantsFocus) return;
    this.#xterm.focus();
    // In a narrow window it is below the list.
    this.#element.scrollIntoView({ block: 'nearest' });
  }

  detach() {
    this.#attachment?.detach();
    this.terminal?.detach();
    this.isAttached = false;
    this.#changed();
  }

  dispose() {
    this.#isDisposed = true;
    this.unmount();
    this.#xterm?.dispose();
  }

  readAloud(isReadAloud) {
    this.#isReadAloud = isReadAloud;
    if (this.#xterm) this.#xterm.options.screenReaderMode = isReadAloud;
  }

  colour() {
    if (this.#xterm) this.#xterm.options.theme = palette();
  }

  async #begin() {
    const { FitAddon, Terminal } = await load();
    if (this.#isDisposed) return;
    const xterm = (this.#xterm = new Terminal({
      fontFamily: FONT,
      fontSize: 13,
      scrollback: SCROLLBACK,
      theme: palette(),
      minimumContrastRatio: 4.5,
      screenReaderMode: this.#isReadAloud,
      // It would tell the console of each byte that is no text.
      logLevel: 'off',
      // A pipe gives line feeds alone.
      convertEol: !this.pty,
      // An address in the output is shown and not opened: the text over it may say another one.
      linkHandler: {
        activate: (_, address) => this.#tell('link', address),
        allowNonHttpProtocols: true,
      },
    }));
    xterm.loadAddon((this.#fit = new FitAddon()));
    xterm.open(this.#element);
    xterm.textarea.setAttribute('aria-label', `Terminal: ${this.title}. F6 leaves it.`);
    xterm.attachCustomKeyEventHandler((event) => {
      if (event.key !== 'F6') return true;
      if (event.type === 'keydown') this.onLeave();
      event.preventDefault();
      return false;
    });
    // What was refused before is past when somebody goes on.
    xterm.onData(() => {
      if (this.problem === undefined || !this.isAttached) return;
      this.problem = undefined;
      this.#changed();
    });
    xterm.onTitleChange((title) => this.#tell('said', title));
    this.#fitted();
    const { cols, rows } = xterm;
    const terminal = (this.terminal = await this.#start({ cols, rows }));
    this.id = terminal.id;
    if (this.#isDisposed) return terminal.detach();
    this.isAttached = true;
    this.#attachment = attach(xterm, terminal, {
      onError: (error) => {
        this.problem = error;
        this.#changed();
      },
    });
    terminal.exit.then(
      (exit) => this.#ended({ exit }),
      (problem) => this.#ended(problem.code === 'DETACHED' ? {} : { problem }),
    );
    if (this.#wantsFocus) this.focus();
  }

  #ended(how) {
    Object.assign(this, how);
    this.isAttached = false;
    if (this.exit && this.#xterm) this.#xterm.options.disableStdin = true;
    this.#settled();
  }

  #tell(what, text) {
    this[what] = String(text).slice(0, MAX_TEXT);
    this.#changed();
  }

  #fitted() {
    // Without a size there is nothing to fit into.
    if (this.#fit && this.#element.clientHeight > 0) this.#fit.fit();
  }
}
