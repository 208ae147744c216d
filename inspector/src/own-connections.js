// Which connections of the listener are this page's. The client of the workspace does not tell the id of its own, and the
// listener's first message does.

import { parse } from '../../client/json.js';

export class OwnConnections {
  #ids = new Set();

  has(id) {
    return this.#ids.has(id);
  }

  /** For the page's clients: what it connects is one of these until it is closed. */
  makeClass() {
    const ids = this.#ids;
    return class extends WebSocket {
      constructor(url, protocols) {
        super(url, protocols);
        let id;
        const hear = ({ data }) => ids.add((id = parse(data)?.data?.connectionId));
        this.addEventListener('message', hear, { once: true });
        this.addEventListener('close', () => ids.delete(id));
      }
    };
  }
}
