import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/lib/hash.ts';
import { createKeys, parseManifestKey, parseObjectKey } from '../../../../src/store/objects/keys.ts';

describe('keys', () => {
  const keys = createKeys('team/n8n');
  const hash = sha256('x');

  it('keys are laid out below the prefix', () => {
    expect(keys.object(hash)).toBe(`team/n8n/objects/${hash.slice(0, 2)}/${hash}.gz`);
    expect(keys.manifest('prod', '20261123T015442Z-3f9a1c2b')).toBe(
      'team/n8n/snapshots/prod/20261123T015442Z-3f9a1c2b.ndjson.gz',
    );
    expect(keys.document('prod/identity.json')).toBe('team/n8n/documents/prod/identity.json');
    expect(createKeys('').snapshots).toBe('snapshots/');
  });

  it('keys of manifests name instance and id again, whatever they are called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        (instance, id) => {
          fc.pre(instance.isWellFormed() && id.isWellFormed());
          const key = keys.manifest(instance, id);
          expect(key.split('/')).toHaveLength(5);
          expect(key.split('/')).not.toContain('..');
          expect(parseManifestKey(key, keys.snapshots)).toEqual({ instance, id });
        },
      ),
    );
  });

  it('keys of objects name the object again, and foreign keys name none', () => {
    for (const id of [hash, `${hash}.0123abcd`]) expect(parseObjectKey(keys, keys.object(id))).toBe(id);
    for (const key of [`team/n8n/objects/zz/${hash}.gz`, 'team/n8n/objects/readme.txt', `team/n8n/objects/${hash}`]) {
      expect(parseObjectKey(keys, key)).toBeNull();
    }
  });

  it('keys that flowkeep did not write name no snapshot', () => {
    for (const name of ['prod/a.json', 'a.ndjson.gz', 'prod/deep/a.ndjson.gz', '%/a.ndjson.gz', 'prod/.ndjson.gz']) {
      expect(parseManifestKey(`team/n8n/snapshots/${name}`, keys.snapshots)).toBeNull();
    }
  });
});
