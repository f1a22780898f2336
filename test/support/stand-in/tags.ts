import { conflict, notFound } from './api-error.ts';
import { checkBody, requiredText } from './body.ts';
import { created, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { stamps, type State, type Tag } from './state.ts';
import { tagView } from './workflow-views.ts';

export const tagRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/tags',
    scope: 'tag:list',
    handle: ({ query }, state) =>
      ok(
        listPage(
          ordered(state.tags.values(), state.listingOrder, 'oldest-first'),
          pageWindow(query, 'capped'),
          tagView,
        ),
      ),
  },
  { method: 'POST', path: '/tags', scope: 'tag:create', handle: create },
  {
    method: 'GET',
    path: '/tags/:id',
    scope: 'tag:read',
    handle: (request, state) => ok(tagView(existing(request, state))),
  },
  { method: 'PUT', path: '/tags/:id', scope: 'tag:update', handle: update },
  { method: 'DELETE', path: '/tags/:id', scope: 'tag:delete', handle: remove },
];

const RULES = { required: ['name'], readOnly: ['id', 'createdAt', 'updatedAt'] };

function create(request: ApiRequest, state: State): ApiAnswer {
  const name = acceptedName(requiredText(checkBody(request.body, RULES), 'name'), state);
  return created(tagView(addTag(state, { name })));
}

/** Adds a tag without any check. */
export function addTag(state: State, { id = state.ids.nano(), name }: { id?: string; name: string }): Tag {
  const tag: Tag = { ...stamps(state.timestamp()), id, name };
  state.tags.set(id, tag);
  return tag;
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, RULES);
  const tag = existing(request, state);
  tag.name = acceptedName(requiredText(body, 'name'), state, tag.id);
  tag.updatedAt = state.timestamp();
  return ok({ id: tag.id, name: tag.name, updatedAt: tag.updatedAt });
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  const tag = existing(request, state);
  state.tags.delete(tag.id);
  for (const workflow of state.workflows.values()) {
    workflow.tagIds = workflow.tagIds.filter((id) => id !== tag.id);
  }
  return ok(tagView(tag));
}

/** n8n answers 409 `Tag already exists` for a name of a wrong length too. */
function acceptedName(text: string, state: State, ownId?: string): string {
  const name = text.trim();
  const taken = [...state.tags.values()].some((tag) => tag.name === name && tag.id !== ownId);
  if (taken || name.length < 1 || name.length > 24) throw conflict('Tag already exists');
  return name;
}

function existing(request: ApiRequest, state: State): Tag {
  const tag = state.tags.get(param(request, 'id'));
  if (tag === undefined) throw notFound();
  return tag;
}
