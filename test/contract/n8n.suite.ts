import { afterAll, beforeAll, describe } from 'vitest';
import { Api, type ContractTarget } from './n8n/api.ts';
import { testItems, testLicensedItems } from './n8n/items.ts';
import { testPackages, testProjectPackages } from './n8n/packages.ts';
import { testRequests } from './n8n/requests.ts';
import { testTables } from './n8n/tables.ts';
import { testWorkflows } from './n8n/workflows.ts';

/**
 * What flowkeep relies on in n8n's public API, as tests. They run against the real n8n (test/e2e) and against the
 * stand-in (test/contract), so that the stand-in cannot drift from what it stands for.
 */
export function describeN8n(name: string, licensed: boolean, start: () => Promise<ContractTarget>): void {
  describe(name, () => {
    let target: ContractTarget;
    let current: Api;
    const api = () => current;

    beforeAll(async () => {
      target = await start();
      current = new Api(target);
    });
    afterAll(() => target[Symbol.asyncDispose]());

    describe('requests', () => testRequests(api));
    describe('workflows', () => testWorkflows(api));
    describe('items', () => testItems(api));
    describe('data tables', () => testTables(api));
    describe('packages', () => testPackages(api, licensed));
    if (!licensed) return;
    describe('licensed items', () => testLicensedItems(api));
    describe('packages of projects', () => testProjectPackages(api));
  });
}
