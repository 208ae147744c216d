// What a client gets from its listener, with `loopwire.v1`. The types of each event stand beside the fixtures.

import type { ServerMessageMap } from '../types/wire/index.js';
import type { EventPosition } from './position.js';

/** Anything that a listener sends as text. */
export interface WireMessage {
  type: string;
  payload?: string;
  data?: any;
  timestamp?: string;
  /** The number of an event; replies have none. */
  seq?: number;
}

/** Events that are missing. Both numbers are inclusive. */
export interface EventGap {
  type: 'gap';
  data: {
    from: number;
    to: number;
    /** PROTOCOL section 4; `'unknown'`: the listener ignored the request to resume. */
    reason: 'overflow' | 'restart' | 'ahead' | 'standby' | 'unknown';
    /** With `'restart'`: the place in the former epoch. Everything behind it is gone. */
    previous?: EventPosition;
  };
}

/** The messages by their `type`. Events of the application have types of their own. */
export interface WireEventMap extends Omit<ServerMessageMap, 'gap'> {
  gap: EventGap;
  [type: string]: any;
}
