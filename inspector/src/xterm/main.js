// What shows a terminal, in a file of its own: the page loads it when the first one is shown.

export { FitAddon } from '@xterm/addon-fit';
export { Terminal } from '@xterm/xterm';
