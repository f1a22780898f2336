import type { Route } from './exchange.ts';

export const packageRoutes: readonly Route[] = [];
