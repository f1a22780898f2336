import { cases, place, type CorpusCase, type Make } from './make.ts';

/** Secrets in code nodes, and in code that other nodes run. */
export function inCode(make: Make): CorpusCase[] {
  type Case = [string, ReturnType<typeof place.code>, string];
  const code = (title: string, secret: string, text: (secret: string) => string): Case => [
    title,
    place.code(text(secret)),
    secret,
  ];
  const python = (title: string, secret: string, text: (secret: string) => string): Case => [
    title,
    place.python(text(secret)),
    secret,
  ];
  return cases([
    code('setHeader of node:http', make.alnum(), (s) => `req.setHeader('X-Api-Key', '${s}');\nreq.end();`),
    code('headers.set of fetch', make.alnum(), (s) => `headers.set("X-Auth-Token", "${s}")`),
    code('headers.append of fetch', make.alnum(), (s) => `h.append('Authorization', 'Bearer ${s}');`),
    code('setRequestHeader of XMLHttpRequest', make.lower(40), (s) => `x.setRequestHeader("Api-Key", "${s}")`),
    code('set of superagent', make.hex(40), (s) => `await agent.get(url).set('x-access-token', '${s}')`),
    code('a list of header pairs', make.alnum(), (s) => `new Headers([['X-Api-Key', '${s}'], ['Accept', '*/*']])`),
    code('the headers of fetch', make.alnum(), (s) => `fetch(url, { headers: { Authorization: "Bearer ${s}" } })`),
    code('the headers of axios', make.alnum(), (s) => `axios.get(url, {headers: {'X-API-KEY': '${s}'}});`),
    code(
      'the defaults of axios',
      make.alnum(),
      (s) => `axios.defaults.headers.common['Authorization'] = 'Token ${s}';`,
    ),
    code(
      'the auth of axios',
      make.password(),
      (s) => `axios.get(url, { auth: { username: 'bot', password: '${s}' } })`,
    ),
    code('the auth of request', make.password(), (s) => `request(url, { auth: { user: 'bot', pass: '${s}' } })`),
    code('auth() of superagent', make.password(), (s) => `agent.post(url).auth('bot', '${s}').send(body)`),
    code('httpRequest of n8n', make.alnum(), (s) => {
      return `await this.helpers.httpRequest({ url, headers: { 'x-api-key': "${s}" }, json: true });`;
    }),
    code('$http', make.lower(32), (s) => `const r = await $http.get(u, { headers: { apikey: '${s}' } });`),
    code(
      'the bearer of got',
      make.alnum(24),
      (s) => `got(url, {\n  headers: {\n    authorization: \`Bearer ${s}\`\n  }\n})`,
    ),
    code('a template with a literal part', make.alnum(24), (s) => `const auth = \`Bearer ${s}\${suffix}\`;`),
    code('a template with a part in front', make.alnum(24), (s) => `const apiKey = \`\${prefix}${s}\`;`),
    code('a constant', make.alnum(20), (s) => `const API_KEY = "${s}";`),
    code('a member of this', make.hex(32), (s) => `this.apiToken = '${s}';`),
    code('a type beside it', make.alnum(20), (s) => `const apiKey: string = '${s}';`),
    code('a fallback of the environment', make.alnum(), (s) => `const token = process.env.TOKEN || '${s}';`),
    code('a fallback with ??', make.alnum(), (s) => `const apiKey = $env.KEY ?? "${s}";`),
    code('two literals in one', make.alnum(20), (s) => `const secret = 'prefix' + '${s}';`),
    code('createHmac', make.alnum(24), (s) => `crypto.createHmac('sha256', '${s}').update(body).digest('hex')`),
    code('createHmac with a chosen one', make.weak() + make.weak(), (s) => `createHmac("sha1", "${s}")`),
    code('sign of jsonwebtoken', make.alnum(24), (s) => `jwt.sign({ sub: 1 }, '${s}', { expiresIn: '1h' })`),
    code('verify of jsonwebtoken', make.alnum(24), (s) => `const claims = jwt.verify(token, "${s}");`),
    code('createCipheriv', make.alnum(32), (s) => `crypto.createCipheriv('aes-256-cbc', '${s}', iv)`),
    code('the constructor of a client', make.alnum(40), (s) => `const client = new Client({ apiKey: '${s}' });`),
    code('a client with a positional key', make.alnum(40), (s) => `const pinecone = new Pinecone("${s}");`),
    code('createClient of a service', make.jwt(), (s) => `const db = createClient('https://x.supabase.co', '${s}')`),
    code('createTransport of nodemailer', make.password(), (s) => {
      return `nodemailer.createTransport({ host, auth: { user: 'a@b.co', pass: "${s}" } });`;
    }),
    code(
      'createConnection of mysql',
      make.weak(),
      (s) => `mysql.createConnection({host:'db',user:'root',password:'${s}'})`,
    ),
    code('btoa of a pair', make.password(), (s) => `headers.Authorization = 'Basic ' + btoa('bot:${s}');`),
    code('Buffer of a pair', make.password(), (s) => `'Basic ' + Buffer.from("bot:${s}").toString('base64')`),
    code('a command in code', make.alnum(), (s) => `execSync('curl -H "X-Api-Key: ${s}" https://api.internal')`),
    code('a query built by hand', make.alnum(), (s) => `const url = base + '?api_key=${s}&page=' + page;`),
    code('URLSearchParams', make.alnum(), (s) => `new URLSearchParams({ client_secret: '${s}', grant_type: 'x' })`),
    code('append to a form', make.alnum(), (s) => `form.append('client_secret', '${s}');`),
    code('a name with its version', make.alnum(), (s) => `const API_KEY_PROD = '${s}';`),
    code('a name with a number', make.alnum(), (s) => `const apiKey2 = '${s}';`),
    code('a comment', make.alnum(), (s) => `// old token: ${s}\nreturn items;`),
    code('a service key by its own name', make.alnum(40), (s) => `const OPENAI_KEY = '${s}';`),
    code('JSON within a string', make.alnum(), (s) => `const body = '{"client_secret":"${s}"}';`),
    code('JSON within an escaped string', make.alnum(), (s) => `const body = "{\\"client_secret\\":\\"${s}\\"}";`),
    code('a private key with escaped line breaks', make.pem().replaceAll('\n', '\\n'), (s) => `const pem = "${s}";`),
    code('GraphQL variables', make.alnum(), (s) => `gql(q, { variables: { input: { apiToken: "${s}" } } })`),
    code('an arrow of Ruby and PHP', make.alnum(), (s) => `$config = ['api_key' => '${s}', 'debug' => true];`),
    code('define of PHP', make.password(), (s) => `define('DB_PASSWORD', '${s}');`),
    code('a variable of PHP', make.password(), (s) => `$password = "${s}";`),
    code('curl of PHP', make.password(), (s) => `curl_setopt($ch, CURLOPT_USERPWD, 'bot:${s}');`),
    code('Java', make.alnum(), (s) => `conn.setRequestProperty("X-Api-Key", "${s}");`),
    code(
      'Java, an HttpRequest',
      make.alnum(),
      (s) => `HttpRequest.newBuilder().header("Authorization", "Bearer ${s}")`,
    ),
    code('Go', make.alnum(), (s) => `req.Header.Set("X-Api-Key", "${s}")`),
    code('Go, short', make.alnum(), (s) => `apiKey := "${s}"`),
    code('Go, basic', make.password(), (s) => `req.SetBasicAuth("bot", "${s}")`),
    code('C#', make.alnum(), (s) => `client.DefaultRequestHeaders.Add("X-Api-Key", "${s}");`),
    python('the headers of requests', make.alnum(), (s) => `requests.get(url, headers={'X-API-Key': '${s}'})`),
    python('the auth of requests', make.password(), (s) => `requests.get(url, auth=('bot', '${s}'))`),
    python('HTTPBasicAuth', make.password(), (s) => `requests.get(url, auth=HTTPBasicAuth("bot", "${s}"))`),
    python('a keyword argument', make.alnum(40), (s) => `client = Client(api_key="${s}", timeout=10)`),
    python('os.environ', make.alnum(40), (s) => `os.environ["OPENAI_API_KEY"] = "${s}"`),
    python('a default of os.getenv', make.alnum(40), (s) => `key = os.getenv('API_KEY', '${s}')`),
    python('hmac.new', make.alnum(24), (s) => `hmac.new(b'${s}', body, hashlib.sha256).hexdigest()`),
    python('a module attribute', make.alnum(40), (s) => `openai.api_key = '${s}'`),
    python('the login of smtplib', make.password(), (s) => `server.login("bot@acme.test", "${s}")`),
    python('a dict()', make.password(), (s) => `dict(user='bot', password='${s}')`),
  ]);
}
