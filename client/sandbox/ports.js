// The forwarded ports of the listener's process.

export class Ports {
  #link;

  constructor(link) {
    this.#link = link;
  }

  async list() {
    return (await this.#link.ask('port:list', {}, { again: true })).ports;
  }

  rotate(port) {
    return this.#link.ask('port:rotate', { port });
  }

  async remove(port) {
    return (await this.#link.ask('port:remove', { port })).removed;
  }
}
