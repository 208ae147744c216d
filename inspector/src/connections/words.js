// What the views say about connections.

export const form = ({ form: name, v1 }) =>
  `${name === 'sdk' ? 'SDK' : 'Sandbox'}${v1 ? ', loopwire.v1' : ''}`;

const SLOT = { __proto__: null, active: 'holds the slot', standby: 'stands by' };

export const slot = ({ slot: place }) => SLOT[place] ?? 'needs none';

/** Who holds the slot, of which there is one for the connections of the SDK's form. */
export function slotSentence(connections) {
  const holder = connections.find(({ slot: place }) => place === 'active');
  const waiting = connections.filter(({ slot: place }) => place === 'standby').length;
  if (!holder) return 'None needs the slot';
  const behind = waiting > 0 ? `, ${waiting} ${waiting === 1 ? 'waits' : 'wait'} behind it` : '';
  return `${holder.id} holds the slot${behind}`;
}
