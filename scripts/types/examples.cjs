// The examples of messages in fixtures/, by what each is to a client: an event, a reply, another message of the
// server, or a command.
'use strict';

/** @typedef {Record<string, any>} Message */
/** @typedef {'events' | 'replies' | 'messages' | 'commands'} Role */
/** @typedef {{file: string, name: string, role: Role, message: Message, detail?: Message}} Example */

/**
 * @param {Record<string, any[]>} fixtures the entries of each file by its name
 * @param {Record<Role, Message>} schema which types there are in each role
 * @returns {Example[]}
 */
function examples(fixtures, schema) {
  /** @type {Example[]} */
  const found = [];
  for (const [file, entries] of Object.entries(fixtures)) {
    for (const entry of entries) {
      const add = (/** @type {Role} */ role, /** @type {Message} */ message) =>
        found.push({ file, name: entry.name, role, message, detail: entry.detail });
      if (entry.event) add('events', entry.event);
      if (entry.reply) add('replies', entry.reply);
      if (entry.message) add('messages', entry.message);
      if (entry.command && !isRefused(entry)) add('commands', entry.command);
      for (const message of [entry.first ?? [], entry.say ?? []].flat())
        if (!isRefused(entry)) add('commands', message);
      for (const message of [entry.hear ?? []].flat()) add(heardAs(message.type, schema), message);
    }
  }
  return found;
}

/** Whether an entry shows what is refused: its command may have any form. @param {Message} entry */
const isRefused = ({ name }) => /^error: (BAD_MESSAGE|UNKNOWN_TYPE)/.test(name);

/**
 * What a message is that a client hears. Whoever sees a type as an event and in a stream is a callback, so that a
 * client hears the stream.
 *
 * @param {string} type
 * @param {Record<Role, Message>} schema
 * @returns {Role}
 */
function heardAs(type, schema) {
  if (schema.messages[type]) return 'messages';
  return schema.replies[type] ? 'replies' : 'events';
}

module.exports = { examples };
