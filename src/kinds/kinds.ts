export { DEFAULT_KINDS, isKind, KINDS, type Kind } from '../lib/kinds.ts';
