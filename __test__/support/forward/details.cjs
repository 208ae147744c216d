// The events of a callback with their details, as objects, and a mark after which a test has all of them.
'use strict';

const { Inbox } = require('../inbox.cjs');
const { loopwire } = require('./forwarding.cjs');

const MARK = 'test:mark';

class DetailedEvents extends Inbox {
  constructor() {
    super();
    const options = { detail: true, format: 'object' };
    loopwire.startEventListener(0, loopwire.generateToken(), (one) => this.push(one), options);
  }

  /** Everything that was published before this call and not taken. */
  async all() {
    // It goes the same way as all others, so whatever was published before comes before it.
    loopwire.emit(MARK);
    const taken = await this.until(({ type }) => type === MARK);
    return taken.slice(0, -1);
  }

  /** The next event of that type, and of that payload where one is given; what comes before it is dropped. */
  async find(type, payload) {
    const found = (one) =>
      one.type === type && (payload === undefined || one.payload === String(payload));
    return (await this.until(found)).at(-1);
  }

  /** As `all`, but only what ends requests: `forwardListCompleted` and `proxyError`. */
  async ends() {
    const ends = new Set(['forwardListCompleted', 'proxyError']);
    return (await this.all()).filter(({ type }) => ends.has(type));
  }
}

/** The events of a new callback. */
const detailedEvents = () => new DetailedEvents();

module.exports = { detailedEvents };
