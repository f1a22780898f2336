import { DEFAULT_KINDS } from '../kinds/definitions.ts';

/** The commented configuration that `flowkeep config init` writes; config/example.yaml holds the same text. */
export function exampleConfig(): string {
  return EXAMPLE;
}

const EXAMPLE = `\
# flowkeep configuration. Every setting, its default and its environment variable: docs/configuration.md
# Check it with \`flowkeep check\`; see it with every default filled in with \`flowkeep config print\`.
#
# Secrets are never written into this file. Each is a reference:
#   { env: NAME }    the environment variable NAME
#   { file: PATH }   a file, such as a mounted container or Kubernetes secret
# Relative paths start from the folder of this file.

instances:
  # The name is the top folder of its snapshots: changing it starts a new history.
  prod:
    url: https://n8n.example.com
    apiKey: { env: N8N_API_KEY }
    # Each snapshot is saved to every store named here. Without this line: to all of them.
    stores: [repo]
    # Limits for requests to n8n. 429 and X-RateLimit slow them down further.
    rateLimit: { concurrency: 4, requestsPerSecond: 50 }
    # \`users\` (email and role, as an inventory) is personal data, and saved only if you add it.
    kinds: [${DEFAULT_KINDS.join(', ')}]
    # When \`flowkeep daemon\` runs what: minute, hour, day of the month, month, day of the week; null: never.
    schedules:
      backup: '*/15 * * * *'
      verify: '0 4 * * 0'
      prune: '0 5 * * *'
      pull: null
    timezone: UTC

stores:
  # A local git repository, created on first use.
  repo:
    type: git
    path: ./n8n-backup
    branch: main
    # What may be saved, set for each store (docs/secrets.md):
    # secrets: warn (report pasted tokens), redact (replace them), block (save nothing), off
    # pinData: keep or drop; variableValues: keep or omit
    secrets: warn
    # What a rule takes for a secret and is none; * stands for any text:
    # secretExceptions: [{ item: Invoice sync, node: Form, field: parameters.*, rule: named-secret }]
    # To encrypt what is saved, so that only the holder of an age identity can read it (docs/encryption.md):
    # encrypt: { recipients: [age1...] }
    # To push every snapshot, name a remote, and give it a token (https) or a key (ssh):
    # remote: https://git.example.com/ops/n8n-backup.git
    # auth: { env: GIT_TOKEN }
    # or
    # remote: git@git.example.com:ops/n8n-backup.git
    # ssh: { keyFile: /run/secrets/git-key, knownHostsFile: /run/secrets/known-hosts }
    # Whose commits they are, for servers with rules for that:
    # author: { name: Backup Bot, email: bot@example.com, signOff: false }

  # A bucket: no disk needed, and a policy removes old snapshots. Add its name to \`stores\` above.
  # offsite:
  #   type: s3
  #   bucket: my-backups
  #   prefix: n8n
  #   region: eu-central-1
  #   # For a server other than AWS:
  #   # endpoint: https://s3.example.com
  #   # forcePathStyle: true
  #   # checksums: when-required
  #   # Without these two, the AWS SDK's usual chain is used (environment, files, roles):
  #   # accessKeyId: { env: S3_ACCESS_KEY_ID }
  #   # secretAccessKey: { file: /run/secrets/s3-secret-access-key }
  #   retention: { keepLast: 10, keepDaily: 14, keepWeekly: 8, keepMonthly: 12, keepWithin: 7d }

# The daemon begins scheduled runs some seconds after their time, each instance by a delay of its own, so that not all
# start at once; \`flowkeep check\` says when. To run on the minute:
# daemon: { jitter: off }

# Health, metrics and API of the daemon; port: null serves nothing.
http:
  port: 8080
  # In a container, so that its port can be published (or set FLOWKEEP_HTTP_HOST):
  # host: 0.0.0.0
  # Names under which it is asked without a token, such as that of a proxy before it:
  # hosts: [flowkeep.example.com]
  # Without a token the routes that start a run do not exist.
  # token: { env: FLOWKEEP_HTTP_TOKEN }

# Alerts: docs/configuration.md lists the channels and their events.
# alerts:
#   - { type: webhook, url: { env: WEBHOOK_URL }, events: [failed, recovered] }
#   # For healthchecks.io, Uptime Kuma and the like:
#   - { type: ping, url: { env: PING_URL }, instances: [prod] }
`;
