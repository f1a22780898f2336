import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { ok, type ApiAnswer, type ApiRequest } from '../exchange.ts';
import type { State } from '../state.ts';
import { checkImport } from './blockers.ts';
import { readImportForm, type ImportForm } from './form.ts';
import { importWorkflows } from './import-workflows.ts';
import {
  importCredentials,
  importDataTables,
  importFolders,
  importProjects,
  importTags,
  importVariables,
} from './import-items.ts';
import { parsePackage, type ParsedPackage } from './parse.ts';
import { placePackage, type Placement } from './placement.ts';

/** What every step of an import works with. */
export interface Import {
  readonly form: ImportForm;
  readonly pkg: ParsedPackage;
  readonly placement: Placement;
  readonly state: State;
}

/** `POST /n8n-packages/import`: nothing is written unless the whole package can be. */
export async function importPackage(request: ApiRequest, state: State): Promise<ApiAnswer> {
  const form = await readImportForm(request);
  const pkg = await parsePackage(form.bytes);
  const placement = placePackage(form, pkg, state);
  checkImport(form, pkg, placement, state);
  const work: Import = { form, pkg, placement, state };
  const variables = importVariables(work);
  const projects = importProjects(work);
  const folders = importFolders(work);
  const tags = importTags(work);
  const credentials = importCredentials(work);
  const dataTables = importDataTables(work);
  const { workflows, bindings } = importWorkflows(work);
  const { sourceN8nVersion, sourceId, exportedAt } = pkg.manifest;
  const ids = [...credentials.matched, ...credentials.stubbed];
  const result: JsonObject = {
    package: { sourceN8nVersion, sourceId, exportedAt },
    ...{ workflows, removedWorkflows: [], removedFolders: [], folders, projects },
    bindings: { workflows: bindings, credentials: Object.fromEntries(ids.map((id) => [id, id])) },
    ...{ credentials, dataTables, variables, tags },
  };
  return ok(result);
}
