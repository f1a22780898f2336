import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleConfig } from '../../../src/config/init.ts';
import { configJsonSchema } from '../../../src/config/schema/json-schema.ts';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';
import { load } from './support.ts';

describe('the commented example', () => {
  const env = {
    N8N_API_KEY: 'k',
    GIT_TOKEN: 't',
    FLOWKEEP_HTTP_TOKEN: 't',
    S3_ACCESS_KEY_ID: 'i',
  };

  it('the commented example is config/example.yaml', () => {
    expect(readFileSync('config/example.yaml', 'utf8')).toBe(exampleConfig());
  });

  it('the commented example loads', () => {
    const config = load({ yaml: exampleConfig(), env });
    expect(config.instances).toMatchObject([{ name: 'prod', stores: ['repo'] }]);
    expect(config.stores).toMatchObject([{ name: 'repo', type: 'git', path: '/work/n8n-backup' }]);
  });

  it('the commented example loads with the commented store of type s3 too', () => {
    const commented = exampleConfig().replaceAll(
      /^ {2}# ( *(?:# )?)(offsite|type|bucket|prefix|region|endpoint|force\w+|checksums|accessKeyId|secretAccessKey|retention):/gm,
      (_all, indent: string, key: string) => `  ${indent.replace('# ', '')}${key}:`,
    );
    const files = { '/run/secrets/s3-secret-access-key': 's' };
    const { stores } = load({ yaml: commented, env, files });
    expect(stores[1]).toMatchObject({
      name: 'offsite',
      endpoint: 'https://s3.example.com',
      checksums: 'when-required',
      retention: { keepLast: 10, keepWithinMs: 604_800_000 },
    });
  });
});

describe('the JSON Schema', () => {
  it('the JSON Schema describes every setting, so that editors can explain it', () => {
    expect(undescribed(configJsonSchema(alertSchema), '')).toEqual([]);
  });
});

/** Properties without a description. */
function undescribed(schema: unknown, at: string): string[] {
  if (Array.isArray(schema)) return schema.flatMap((item) => undescribed(item, at));
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    const below = undescribed(value, `${at}/${key}`);
    if (key !== 'properties' || typeof value !== 'object' || value === null) return below;
    const bare = Object.entries(value).filter(([, property]) => !('description' in (property as object)));
    return [...bare.map(([name]) => `${at}/${name}`), ...below];
  });
}
