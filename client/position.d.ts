// The types of the place of a client in the stream of events.

/** Where a client is: store it, and give it to a later client as `since`. */
export interface EventPosition {
  /** The run of the listener's process that `seq` belongs to. */
  epoch: string;
  /** The number of the last event that was seen. */
  seq: number;
}
