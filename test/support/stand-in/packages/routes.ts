import type { Route } from '../exchange.ts';
import { exportPackage } from './export.ts';
import { importPackage } from './import.ts';

const EXPORT = ['workflow:export', 'project:export'];
const IMPORT = ['workflow:import'];

/** Both check their scopes by themselves, after the form of the request, as n8n does for an import. */
export const packageRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/n8n-packages/export',
    since: 'current',
    listedFor: EXPORT,
    handle: exportPackage,
  },
  {
    method: 'POST',
    path: '/n8n-packages/import',
    since: 'current',
    listedFor: IMPORT,
    handle: importPackage,
  },
];
