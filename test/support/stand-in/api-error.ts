import type { JsonObject } from '../../../src/lib/json/json.ts';

/** An answer other than success: its status and JSON body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, message: string, more: JsonObject = {}) {
    super(message);
    this.status = status;
    this.body = { message, ...more };
  }
}

export const badRequest = (message: string) => new ApiError(400, message);
export const notFound = (message = 'Not Found') => new ApiError(404, message);
export const conflict = (message: string) => new ApiError(409, message);
export const forbidden = () => new ApiError(403, 'Forbidden');

/** What n8n says about a feature outside the licence (docs/internal/n8n-api-notes.md, Scopes and errors). */
export function notLicensed(feature: string): ApiError {
  return new ApiError(
    403,
    `Your license does not allow for ${feature}. To enable ${feature}, please upgrade to a license that supports this feature.`,
  );
}
