// The forwarded ports of the listener's process.

export class Ports {
  #link;

  constructor(link) {
    this.#link = link;
  }

  async list(options) {
    return (await this.#link.ask('port:list', {}, { again: true, ...options })).ports;
  }

  rotate(port, options) {
    return this.#link.ask('port:rotate', { port }, options);
  }

  async remove(port, options) {
    return (await this.#link.ask('port:remove', { port }, options)).removed;
  }
}
