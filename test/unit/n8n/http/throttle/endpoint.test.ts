import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../../../../src/n8n/http/throttle/endpoint.ts';

describe('endpointOf', () => {
  it.each([
    ['GET', '/workflows', 'reads', 'GET /workflows'],
    ['GET', '/workflows/2tUt1wbLX592XDdX', 'reads', 'GET /workflows/*'],
    ['PUT', '/workflows/2tUt1wbLX592XDdX/tags', 'writes', 'PUT /workflows/*/tags'],
    ['GET', '/projects/a/folders/b', 'reads', 'GET /projects/*/folders/*'],
    ['GET', '/credentials/schema/githubApi', 'reads', 'GET /credentials/schema/*'],
    ['POST', '/n8n-packages/export', 'writes', 'POST /n8n-packages/export'],
    ['POST', '/source-control/pull', 'writes', 'POST /source-control/pull'],
  ])('endpointOf counts %s %s under %s, %s', (method, path, direction, name) => {
    expect(endpointOf(method, path)).toEqual({ direction, name });
  });
});
