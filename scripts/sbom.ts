import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lockfile } from './supply-chain/lockfile.ts';
import { makeSbom } from './supply-chain/sbom.ts';

/** `npm run sbom`: writes the software bill of materials of what users get to flowkeep.cdx.json. */
const root = join(import.meta.dirname, '..');
const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
const file = join(root, 'flowkeep.cdx.json');
writeFileSync(file, `${JSON.stringify(await makeSbom(root, lockfile), null, 2)}\n`);
console.log(`written to ${file}`);
