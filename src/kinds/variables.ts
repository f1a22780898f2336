import { isJsonObject } from '../lib/json/json.ts';
import { pick, requireText, sortByText, type Identified } from './fields.ts';

/** A variable: global where `project` is null. */
export interface Variable extends Identified {
  key: string;
}

/**
 * Checks one entry of `GET /variables`; of its project only what identifies it is kept. @throws N8nError
 * `invalid-answer`
 */
export function parseVariable(value: unknown): Variable {
  const variable = requireText(value, ['id', 'key', 'type'], 'GET /variables') as Variable;
  if (!isJsonObject(variable.project)) return variable;
  return { ...variable, project: pick(variable.project, ['id', 'name', 'type']) };
}

/** The stored order: global ones first, then by project, each by key. */
export function sortVariables(variables: Iterable<Variable>): Variable[] {
  return sortByText(
    variables,
    variableProject,
    (variable) => variable.key,
    (variable) => variable.id,
  );
}

/** The id of the project that a variable belongs to, or '' for a global one. */
export function variableProject(variable: Variable): string {
  return isJsonObject(variable.project) && typeof variable.project.id === 'string' ? variable.project.id : '';
}
