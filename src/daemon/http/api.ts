import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { AUTO_PUBLISH } from '../../jobs/pull/source-control.ts';
import type { Requested } from '../runner.ts';
import type { PullRequest } from '../types.ts';

/** What the routes need of the daemon. */
export interface Api {
  readonly instances: () => readonly string[];
  readonly metrics: () => Promise<string>;
  readonly readiness: () => Promise<{ readonly ready: boolean; readonly problems: readonly string[] }>;
  readonly status: () => object;
  readonly request: (instance: string, job: 'backup' | 'pull', pull: PullRequest) => Requested;
}

const instance = { type: 'string', maxLength: 64 } as const;
const backupBody = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: { instance },
} as const;
const pullBody = {
  ...backupBody,
  properties: {
    instance,
    force: { type: 'boolean' },
    autoPublish: { type: 'string', enum: [...AUTO_PUBLISH] },
  },
} as const;

type Body = ({ readonly instance?: string } & PullRequest) | null | undefined;

/** @param guard null without a token: then the routes that start a run do not exist */
export function apiRoutes(server: FastifyInstance, api: Api, guard: onRequestAsyncHookHandler | null): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const { ready, problems } = await api.readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', problems });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await api.metrics()),
  );
  server.get('/v1/status', async () => api.status());
  if (!guard) return;
  for (const job of ['backup', 'pull'] as const) {
    const schema = { body: job === 'backup' ? backupBody : pullBody };
    server.post<{ Body: Body }>(`/v1/${job}`, { onRequest: guard, schema }, async (request, reply) => {
      const { instance: name, ...pull } = request.body ?? {};
      const known = api.instances();
      if (name !== undefined && !known.includes(name))
        return reply.code(404).send({ error: 'there is no instance of this name' });
      const chosen = name === undefined ? known : [name];
      const runs = chosen.map((each) => ({ instance: each, state: api.request(each, job, pull) }));
      return reply.code(202).send({ runs });
    });
  }
}
