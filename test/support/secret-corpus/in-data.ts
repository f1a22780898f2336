import { cases, place, within, type CorpusCase, type Make } from './make.ts';

/** Secrets in bodies, files and connection strings that are written into a node. */
export function inData(make: Make): CorpusCase[] {
  const [body, raw, query] = [within(place.body), within(place.raw), within(place.query)];
  const once = (text: string): string => JSON.stringify(text);
  return cases([
    body('JSON', make.password(), (s) => `{"user": "bot", "password": "${s}"}`),
    body('JSON, a chosen one without a digit', make.letters(10), (s) => `{ "password": "${s}" }`),
    body('JSON over lines', make.alnum(), (s) => `{\n  "client_id": "a1",\n  "client_secret": "${s}"\n}`),
    body('JSON in JSON', make.alnum(), (s) => `{"body": ${once(`{"api_key":"${s}"}`)}}`),
    body('JSON in JSON, a password', make.password(), (s) => `{"body": ${once(`{"password": "${s}"}`)}}`),
    body('JSON in JSON in JSON', make.alnum(), (s) => `{"a": ${once(`{"b": ${once(`{"token":"${s}"}`)}}`)}}`),
    body('a list of names and values', make.alnum(), (s) => `[{"name": "X-Api-Key", "value": "${s}"}]`),
    body('a list of keys and values', make.password(), (s) => `{"env":[{"key":"DB_PASSWORD","value":"${s}"}]}`),
    body('a workflow in a body', make.alnum(), (s) => {
      return `{"headerParameters":{"parameters":[{"name":"Authorization","value":"Bearer ${s}"}]}}`;
    }),
    body('a body with an expression beside it', make.alnum(), (s) => `={"id": {{ $json.id }}, "apiKey": "${s}"}`),
    body('a private key in JSON', make.pem('').replaceAll('\n', '\\n'), (s) => `{"private_key": "${s}"}`),
    body('GraphQL variables in a body', make.alnum(), (s) => `{"query":"mutation","variables":{"accessToken":"${s}"}}`),
    raw('a form', make.alnum(), (s) => `grant_type=client_credentials&client_secret=${s}&scope=all`),
    raw('a form with a password first', make.weak(), (s) => `password=${s}&username=bot`),
    raw('an XML element', make.weak(), (s) => `<login><user>bot</user><password>${s}</password></login>`),
    raw('an XML element with a token', make.alnum(), (s) => `<Request>\n  <ApiKey>${s}</ApiKey>\n</Request>`),
    raw('an XML attribute', make.password(), (s) => `<connection user="bot" password="${s}" />`),
    raw('a WSSE password', make.password(), (s) => {
      return `<wsse:Password Type="http://docs.oasis-open.org/wss#PasswordText">${s}</wsse:Password>`;
    }),
    raw('a SOAP header', make.alnum(), (s) => `<soap:Header><t:AuthToken>${s}</t:AuthToken></soap:Header>`),
    raw('an XML element with CDATA', make.password(), (s) => `<password><![CDATA[${s}]]></password>`),
    raw('appSettings of .NET', make.alnum(), (s) => `<add key="ApiKey" value="${s}" />`),
    raw('a hidden input', make.alnum(40), (s) => `<input type="hidden" name="api_token" value="${s}">`),
    raw('a .env file', make.alnum(), (s) => `N8N_HOST=n8n.internal\nN8N_ENCRYPTION_KEY=${s}\nTZ=UTC`),
    raw('a .env file with a password', make.weak(), (s) => `DB_HOST=db\nDB_PASSWORD=${s}\n`),
    raw('YAML', make.weak(), (s) => `database:\n  user: app\n  password: ${s}\n  port: 5432`),
    raw('YAML with a token', make.alnum(), (s) => `api:\n  access_token: ${s}\n`),
    raw('TOML', make.alnum(), (s) => `[api]\nsecret_key = "${s}"`),
    raw('INI', make.weak(), (s) => `[mysql]\nuser=app\npassword=${s}\n`),
    raw('Java properties', make.weak(), (s) => `spring.datasource.password=${s}`),
    raw('ADO', make.weak(), (s) => `Server=db;Database=app;User Id=sa;Password=${s};Encrypt=true`),
    raw('ADO, Pwd', make.password(), (s) => `Server=db;Uid=sa;Pwd=${s};`),
    raw('ODBC', make.weak(), (s) => `Driver={ODBC Driver 18 for SQL Server};Server=db;UID=sa;PWD=${s}`),
    raw('JDBC', make.weak(), (s) => `jdbc:sqlserver://db:1433;databaseName=app;user=sa;password=${s};`),
    raw('JDBC, as a query', make.weak(), (s) => `jdbc:postgresql://db/app?user=app&password=${s}`),
    raw('Azure storage', make.base64Signs(86) + '==', (s) => {
      return `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${s};EndpointSuffix=core.windows.net`;
    }),
    raw('Azure service bus', make.base64Signs(43) + '=', (s) => {
      return `Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s}`;
    }),
    raw('Azure SAS', make.base64Signs(43).replaceAll('+', '%2B').replaceAll('/', '%2F') + '%3D', (s) => {
      return `https://a.blob.core.windows.net/c/f?sv=2023-01-01&se=2030-01-01&sr=b&sp=r&sig=${s}`;
    }),
    raw('PostgreSQL', make.weak(), (s) => `postgres://app:${s}@db.internal:5432/app`),
    raw('PostgreSQL, by words', make.weak(), (s) => `host=db user=app password=${s} dbname=app`),
    raw('MongoDB', make.alnum(16), (s) => `mongodb+srv://app:${s}@cluster0.abcde.mongodb.net/app`),
    raw('Redis without a user', make.alnum(16), (s) => `redis://:${s}@cache.internal:6379/0`),
    raw('AMQP', make.weak(), (s) => `amqps://app:${s}@mq.internal/vhost`),
    raw('SMTP', make.weak(), (s) => `smtp://bot:${s}@mail.internal:587`),
    raw('FTP', make.weak(), (s) => `ftp://bot:${s}@files.internal/in`),
    raw('raw HTTP', make.alnum(), (s) => `POST /v1 HTTP/1.1\nHost: api.internal\nX-Api-Key: ${s}\n\n{}`),
    raw('a cookie', make.alnum(40), (s) => `Cookie: lang=de; session_token=${s}; theme=dark`),
    raw('.npmrc', make.alnum(36), (s) => `//npm.internal/:_authToken=${s}`),
    raw('.netrc', make.weak(), (s) => `machine api.internal login bot password ${s}`),
    raw('.pgpass', make.weak(), (s) => `db.internal:5432:app:app:${s}`),
    raw('a URL in a URL', make.alnum(), (s) => `https://p.internal/?u=https%3A%2F%2Fa.internal%3Faccess_token%3D${s}`),
    raw('a form within XML', make.alnum(), (s) => `<url>https://a.internal/x?id=1&amp;api_key=${s}</url>`),
    raw('a digest beside an access key', make.base64Signs(40), (s) => `AKIA${make.upper(16)},${s}`),
    query('SQL, a role', make.weak(), (s) => `CREATE USER app WITH PASSWORD '${s}'`),
    query('SQL, a user of MySQL', make.password(), (s) => `CREATE USER 'app'@'%' IDENTIFIED BY '${s}';`),
  ]);
}
