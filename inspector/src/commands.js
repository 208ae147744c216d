// Commands over the page's own connection. Each has one answer, which is told by its id.

/** How long an answer may take: a rotation dials the new upstream first. */
const ANSWER_MS = 30_000;

export const failure = (code, message) => Object.assign(new Error(message), { code });

export class Commands {
  #client;
  #waiting = new Map();
  #made = 0;
  /** Of no other client of the listener. */
  #prefix = `inspector-${Math.random().toString(36).slice(2)}`;

  constructor(client) {
    this.#client = client;
    client.on('message', ({ type, data }) => this.#hear(type, Object(data)));
    client.on('statechange', ({ name }) => name !== 'open' && this.#lost());
  }

  /** The data of the answer. Rejects with a `code`: the listener's, or that there was no answer. */
  async ask(type, data) {
    const { name } = this.#client.state;
    if (name !== 'open') throw failure('NOT_CONNECTED', 'the page is not connected');
    const id = `${this.#prefix}-${(this.#made += 1)}`;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { type, resolve, reject });
        timer = setTimeout(() => {
          reject(failure('NO_ANSWER', `no answer came within ${ANSWER_MS / 1000} s`));
        }, ANSWER_MS);
        this.#client.send({ type, data: { ...data, id } }, { mode: 'latest', key: id });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #hear(type, data) {
    const asked = this.#waiting.get(data.id);
    if (type === asked?.type) asked.resolve(data);
    else if (type === 'error') asked?.reject(failure(data.code, data.message));
  }

  #lost() {
    for (const { type, reject } of this.#waiting.values()) {
      const sentence = `the connection was lost: nobody knows whether ${type} was done`;
      reject(failure('CONNECTION_LOST', sentence));
    }
  }
}
