import { FlowkeepError } from '../lib/errors.ts';

/** An action that cannot be done, for a reason that flowkeep finds itself. */
export class RefusedError extends FlowkeepError {
  override readonly name = 'RefusedError';

  constructor(message: string, remedy?: string) {
    super('restore-refused', message, remedy === undefined ? {} : { remedy });
  }
}
