import { cases, place, type CorpusCase, type Make } from './make.ts';

/** Secrets by where they stand: parameters, expressions, variables, notes; and those that look like something else. */
export function inPlaces(make: Make): CorpusCase[] {
  type Place = (secret: string) => ReturnType<typeof place.code>;
  const at = (title: string, secret: string, where: Place) => [title, where(secret), secret] as const;
  const basic = (): string => Buffer.from(`bot:${make.password()}`).toString('base64');
  const [word, other] = [make.word(), make.word()];
  return cases([
    at('a header', make.alnum(), (s) => place.header('X-Api-Key', s)),
    at('a header of a chosen key', make.weak(), (s) => place.header('X-Api-Key', s)),
    at('a header with words', `${word}-${other}-${make.digits(4)}`.toLowerCase(), (s) =>
      place.header('X-Auth-Token', s),
    ),
    at('Authorization', make.alnum(), (s) => place.header('Authorization', `Bearer ${s}`)),
    at('Authorization, basic', basic(), (s) => place.header('Authorization', `Basic ${s}`)),
    at('Authorization without a scheme', make.lower(40), (s) => place.header('Authorization', s)),
    at('Authorization, an unknown scheme', make.alnum(), (s) => place.header('Authorization', `Klaviyo-API-Key ${s}`)),
    at('a cookie header', make.alnum(40), (s) => place.header('Cookie', `lang=de; session=${s}`)),
    at('a header of a service', make.hex(40), (s) => place.header('X-Shopify-Access-Token', s)),
    at('a header with key at its end', make.hex(32), (s) => place.header('Ocp-Apim-Subscription-Key', s)),
    at('a header of a queue', make.hex(32), (s) => place.header('DD-APPLICATION-KEY', s)),
    at('a query parameter', make.alnum(), (s) => place.parameter('api_key', s)),
    at('key as a query parameter', make.alnum(), (s) => place.parameter('key', s)),
    at('appid as a query parameter', make.hex(32), (s) => place.parameter('appid', s)),
    at('a body field', make.alnum(), (s) => place.field('client_secret', s)),
    at('a password as a body field', make.password(), (s) => place.field('password', s)),
    at('a password of letters alone', make.letters(10), (s) => place.field('password', s)),
    at('a set field', make.alnum(), (s) => place.set('apiToken', s)),
    at('a set field, a password', make.weak(), (s) => place.set('dbPassword', s)),
    at('the secret of a crypto node', make.alnum(20), (s) => place.node({ action: 'hmac', type: 'SHA256', secret: s })),
    at('a chosen secret of a crypto node', make.password(), (s) => place.node({ action: 'hmac', secret: s })),
    at('an option', make.alnum(), (s) => place.option('webhookSecret', s)),
    at('an expression', make.alnum(), (s) => place.header('X-Api-Key', `={{ "${s}" }}`)),
    at('an expression, a password', make.password(), (s) => place.field('password', `={{ '${s}' }}`)),
    at('an expression with a fallback', make.alnum(), (s) => place.header('X-Api-Key', `={{ $json.key ?? '${s}' }}`)),
    at('an expression with a sum', make.alnum(), (s) => place.header('Authorization', `={{ 'Bearer ' + '${s}' }}`)),
    at('an expression with a scheme', make.alnum(), (s) =>
      place.header('Authorization', `={{ $json.x + 'Bearer ${s}' }}`),
    ),
    at('an expression in a part', make.alnum(), (s) => place.header('Authorization', `=Bearer {{ '${s}' }}`)),
    at('an expression, a choice', make.alnum(), (s) => place.set('token', `={{ $json.live ? '${s}' : '' }}`)),
    at('an expression, a template', make.alnum(), (s) => place.set('token', `={{ \`${s}\` }}`)),
    at('an expression beside a literal', make.alnum(24), (s) => place.header('X-Api-Key', `=${s}{{ $json.suffix }}`)),
    at('an expression with btoa', make.password(), (s) =>
      place.header('Authorization', `=Basic {{ btoa('bot:${s}') }}`),
    ),
    at('an expression with an object', make.alnum(), (s) => place.body(`={{ { "apiKey": "${s}", "a": $json.a } }}`)),
    at('an expression with JSON.stringify', make.weak(), (s) => {
      return place.body(`={{ JSON.stringify({ password: '${s}', user: $json.user }) }}`);
    }),
    at('an address', make.alnum(), (s) => place.url(`https://api.internal/v1?page=2&access_token=${s}`)),
    at('an address with key=', make.alnum(), (s) => place.url(`https://maps.internal/geocode?q=Bonn&key=${s}`)),
    at('an address as an expression', make.alnum(), (s) => place.url(`=https://a.internal/{{ $json.id }}?token=${s}`)),
    at('an address with a user', make.weak(), (s) => place.url(`https://bot:${s}@api.internal/v1`)),
    at('an address with a user alone', make.alnum(), (s) => place.url(`https://${s}@api.internal/v1`)),
    at('a variable', make.password(), (s) => place.variable('SMTP_PASSWORD', s)),
    at('a variable of letters alone', make.letters(12), (s) => place.variable('SMTP_PASSWORD', s)),
    at('a variable with a token', make.alnum(), (s) => place.variable('slackToken', s)),
    at('a variable with a version', make.alnum(), (s) => place.variable('API_KEY_PROD', s)),
    at('a variable with a chosen token', make.weak(), (s) => place.variable('WEBHOOK_TOKEN', s)),
    at('pinned data', make.alnum(), (s) => place.pinned({ body: { access_token: s } })),
    at('pinned headers', make.alnum(), (s) => place.pinned({ headers: { authorization: `Bearer ${s}` } })),
    at('a note', make.alnum(20), (s) => place.note(`## Login\nThe API key is ${s}, ask Ann.`)),
    at('a note with a password', make.password(), (s) => place.note(`User: bot\nPassword: ${s}\n`)),
    at('a note in bold', make.weak(), (s) => place.note(`**Password:** ${s}`)),
    at('a note with code', make.weak(), (s) => place.note(`Login: bot, password: \`${s}\``)),
    at('a note with a table', make.weak(), (s) => place.note(`| user | bot |\n| password | ${s} |`)),
    at('a note in German', make.weak(), (s) => place.note(`Benutzer: bot\nPasswort: ${s}`)),
    at('a note in German, a sentence', make.password(), (s) =>
      place.note(`Das Passwort lautet ${s} (nicht weitergeben)`),
    ),
    at('a note in French', make.weak(), (s) => place.note(`Mot de passe : ${s}`)),
    at('a note in Spanish', make.weak(), (s) => place.note(`contraseña: ${s}`)),
    at('a German field', make.weak(), (s) => place.field('passwort', s)),
    at('a French field', make.weak(), (s) => place.field('mot_de_passe', s)),
    at('a Spanish field', make.weak(), (s) => place.body(`{"usuario":"bot","contraseña":"${s}"}`)),
    at('a German key', make.alnum(), (s) => place.body(`{"apiSchluessel":"${s}"}`)),
    at('a Google app password', [4, 4, 4, 4].map((n) => make.of('abcdefghijklmnop', n)).join(' '), (s) => {
      return place.field('password', s);
    }),
    at('one that contains example', `k7example${make.alnum(16)}`, (s) => place.header('X-Api-Key', s)),
    at('one that contains EXAMPLE', `${make.alnum(10)}EXAMPLE${make.alnum(8)}`, (s) => place.code(`apiKey = '${s}'`)),
    at('one that contains todo', `${make.alnum(12)}todo${make.alnum(8)}`, (s) => place.header('X-Api-Key', s)),
    at('one that contains xxxx', `${make.alnum(12)}xxxx${make.alnum(8)}`, (s) => place.header('X-Api-Key', s)),
    at('one that contains your', `${make.alnum(9)}Your${make.alnum(9)}`, (s) => place.header('X-Api-Key', s)),
    at('one that contains insert', `${make.alnum(9)}insert${make.alnum(9)}`, (s) => place.code(`token: "${s}"`)),
    at('one that contains replace', `${make.alnum(9)}replace${make.alnum(9)}`, (s) => place.variable('TOKEN', s)),
    at('one that ends in here', `${make.alnum(18)}here`, (s) => place.header('X-Api-Key', s)),
    at('one that contains 1234567', `${make.alnum(9)}1234567${make.alnum(9)}`, (s) => place.header('X-Api-Key', s)),
    at('one that contains aaaaa', `${make.alnum(9)}aaaaa${make.alnum(9)}`, (s) => place.header('X-Api-Key', s)),
    at('a password that contains your', `Your${make.word()}${make.digits(3)}!`, (s) => place.field('password', s)),
    at('a service key that contains example', ['gh', `p_example${make.alnum(29)}`].join(''), (s) => place.text(s)),
    at('a service key that contains xxxx', ['sk', `_live_xxxx${make.alnum(20)}`].join(''), (s) => place.text(s)),
  ]);
}
