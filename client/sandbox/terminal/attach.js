// An xterm.js terminal as the screen and the keyboard of a command: an addon, so that it ends with the xterm.

/** CAN and RIS: what is under way is dropped, and the screen is new. `reset()` would overtake what waits to be parsed. */
const RESET = '\x18\x1bc';

export function attach(xterm, terminal, { onError = console.error } = {}) {
  let written = 0;
  const type = (data) =>
    terminal.isReplaying || terminal.write(data).catch((error) => onError?.(error));
  const resize = () => {
    try {
      terminal.resize(xterm.cols, xterm.rows);
    } catch (error) {
      onError(error);
    }
  };
  const listeners = [
    xterm.onData(type),
    // Each character is a byte: reports of the mouse that are no UTF-8.
    xterm.onBinary((data) => type(Uint8Array.from(data, (char) => char.charCodeAt(0)))),
    xterm.onResize(resize),
  ];
  // The xterm wraps `dispose`.
  const detach = () => addon.dispose();
  const addon = {
    activate: resize,
    dispose() {
      for (const listener of listeners) listener.dispose();
      onError = undefined;
      // The xterm parses what it has got.
      terminal.took(written);
      terminal.pipe();
    },
    detach,
    [Symbol.dispose]: detach,
  };
  xterm.loadAddon(addon);
  terminal.pipe({
    push({ offset, data, lost }) {
      const end = (written = offset + data.byteLength);
      if (lost) xterm.write(RESET);
      xterm.write(data, () => terminal.took(end));
    },
    end(error) {
      if (error) onError(error);
      detach();
    },
  });
  return addon;
}
