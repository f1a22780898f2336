import { requireText, sortByText, type Identified } from './fields.ts';

export interface Tag extends Identified {
  name: string;
}

/** Checks one entry of `GET /tags`. @throws N8nError `invalid-answer` */
export function parseTag(value: unknown): Tag {
  return requireText(value, ['id', 'name'], 'GET /tags') as Tag;
}

/** The stored order: by id, so that a rename changes one line and moves none. */
export function sortTags(tags: Iterable<Tag>): Tag[] {
  return sortByText(tags, (tag) => tag.id);
}
