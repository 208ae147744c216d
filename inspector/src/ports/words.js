// What the view says about ports: why one is offline, why a command failed, and what helps.

/** By the reason of a port's state, and by the detail of a request that failed (docs/events.md). */
const HELP = {
  __proto__: null,
  'upstream unreachable': 'Is the proxy running?',
  'upstream timeout': 'The proxy does not answer in time.',
  'upstream closed': 'The proxy hangs up: does it allow this machine?',
  'upstream invalid': 'Another protocol answers: check its entry.',
  'upstream untrusted': 'Its certificate is not trusted: give its entry a ca.',
  'upstream loop': 'It leads back to this port.',
  'upstream refused': 'Check its user name and password.',
  'network unreachable': 'This machine has no network.',
  'no port available': 'No other proxy fits: add one to the list of the provider.',
  'no provider': 'Call setAPIHost first: a rotation takes the next proxy of its list.',
  'provider unreadable': 'The list of proxies is missing, or is not a JSON list.',
  'unknown proxy': 'The list of proxies has no such id any more.',
  'proxy invalid': 'Correct its entry in the list of proxies.',
  'direct refused': 'Only configure({ allowProviderDirect: true }) allows it.',
  'not saved': 'Make room on the disk: nothing has changed.',
  'unknow error': 'Call enableDebug: the events then say why.',
};

const COMMANDS = {
  __proto__: null,
  NOT_FORWARDED: 'The port is gone. The list is asked anew.',
  NOT_ENABLED: 'Allow it in the options of the listener.',
  UNKNOWN_TYPE: 'Another version of Loopwire answers: reload this page.',
  ID_IN_USE: 'Try again.',
  NOT_CONNECTED: 'Try again when the connection is back.',
  CONNECTION_LOST: 'Look at the list when the connection is back.',
  NO_ANSWER: 'Look at the list before you try again.',
};

/** What helps against the reason, or nothing. */
export const help = (reason) => HELP[String(reason).split('|')[0]] ?? '';

/** What helps against the failure of a command, or nothing. */
export const commandHelp = ({ code, message }) =>
  code === 'ROTATE_FAILED' ? help(message) : (COMMANDS[code] ?? '');
