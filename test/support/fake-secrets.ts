/**
 * Secrets of the right form that no service ever gave: they are put together here, so that no scanner of the repository
 * takes this file for a leak.
 */
const digits = '4815162342108';
const letters = 'kQzWvXrTbNpLmJhGfDsAyUiOeRcBnMqPzLwKxJ';

export const FAKE = {
  github: ['gh', 'p_', letters.slice(0, 23), digits].join(''),
  slackHook: ['https://hooks.sl', 'ack.com/services/T', '0ZX81QWP/B', '07KD92LM/', letters.slice(0, 24)].join(''),
  stripe: ['sk', '_live_', letters.slice(0, 20), digits.slice(0, 8)].join(''),
  discordHook: ['https://discord.com/api/webhooks/', digits, '/', letters].join(''),
  jwt: [
    Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
    Buffer.from('{"sub":"4815162342","name":"probe"}').toString('base64url'),
    letters.slice(0, 30),
  ].join('.'),
  privateKey: [
    '-----BEGIN ',
    'RSA PRIVATE KEY-----\n',
    'MII',
    `${letters}${letters}/${digits}\n`.repeat(6),
    '-----END ',
    'RSA PRIVATE KEY-----',
  ].join(''),
  /** No service's format: told by its place alone. */
  plain: `q7${letters.slice(3, 13)}${digits.slice(0, 6)}`,
  password: ['Tr0ub4', 'dor&3'].join(''),
} as const;
