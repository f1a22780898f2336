import { KIND, type Kind } from '../../../kinds/kinds.ts';
import type { Capabilities, NewIdentity } from '../types.ts';

/** Whether `POST /credentials` takes an id of this form (n8n's openapi.yml). */
export function isPostableId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,16}$/.test(id);
}

/** The identity that a missing item will have, and why. */
export function newIdentity(
  { capabilities }: { readonly capabilities: Capabilities },
  kind: Kind,
  id: string,
): NewIdentity {
  switch (KIND[kind].newId) {
    case 'name':
      return { as: 'original-id', why: 'known by its name' };
    case 'new':
      return { as: 'new-id', why: 'n8n gives it a new one; nothing refers to it' };
    case 'own':
      return credentialIdentity(capabilities, id);
    case 'package':
      return capabilities.packages
        ? { as: 'original-id', why: 'package import' }
        : { as: 'new-id', why: 'the target does not support package import' };
  }
}

function credentialIdentity(capabilities: Capabilities, id: string): NewIdentity {
  // A package brings stubs under every id, also of types that POST /credentials refuses without their data.
  if (capabilities.packages) return { as: 'original-id', why: 'package import' };
  if (!capabilities.credentialIds) return { as: 'new-id', why: 'the target assigns new ids to credentials' };
  if (!isPostableId(id)) return { as: 'new-id', why: 'n8n does not accept credential ids of this form' };
  return { as: 'original-id', why: 'POST /credentials accepts it' };
}
