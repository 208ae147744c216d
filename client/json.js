// What a stranger sends as JSON.

/** `undefined` if it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether there is a number where one belongs. Comparing other things may throw. */
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
