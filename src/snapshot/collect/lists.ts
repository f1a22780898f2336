import { N8nError } from '../../n8n/http/errors.ts';
import { parseCommunityPackage, sortCommunityPackages } from '../../kinds/community-packages.ts';
import { parseTag, sortTags } from '../../kinds/tags.ts';
import { parseUser, sortUsers } from '../../kinds/users.ts';
import { parseVariable, sortVariables } from '../../kinds/variables.ts';
import { listPath } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';
import { listItems } from './list-items.ts';

/** Kinds that are one sorted list in one file. An instance that has none of a kind still gets its file: `[]`. */

export async function collectVariables(context: CollectContext): Promise<KindContent> {
  const variables = sortVariables(await listItems(context, 'variables', '/variables', parseVariable));
  putJson(context, listPath('variables'), variables);
  return { items: variables.length };
}

export async function collectTags(context: CollectContext): Promise<KindContent> {
  const tags = sortTags(await listItems(context, 'tags', '/tags', parseTag));
  putJson(context, listPath('tags'), tags);
  return { items: tags.length };
}

export async function collectUsers(context: CollectContext): Promise<KindContent> {
  const users = sortUsers(await listItems(context, 'users', '/users', parseUser, { includeRole: true }));
  putJson(context, listPath('users'), users);
  return { items: users.length };
}

/** `GET /community-packages` is a bare array (docs/n8n-api-notes.md, Lists). */
export async function collectCommunityPackages(context: CollectContext): Promise<KindContent> {
  const answer = await context.client.get('/community-packages', {
    signal: context.signal,
    check: (value) => void parsePackages(value),
  });
  const packages = sortCommunityPackages(parsePackages(answer));
  putJson(context, listPath('community-packages'), packages);
  return { items: packages.length };
}

function parsePackages(answer: unknown): ReturnType<typeof parseCommunityPackage>[] {
  if (Array.isArray(answer)) return answer.map(parseCommunityPackage);
  throw new N8nError('invalid-answer', 'n8n answered GET /community-packages with no list');
}
