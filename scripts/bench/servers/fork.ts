import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A server in a process of its own, so that its work is not counted as the bench's or flowkeep's. */
export interface ServerProcess<Ready> extends AsyncDisposable {
  readonly ready: Ready;
  /** Sends a message and waits for the answer to it. */
  ask(message: string): Promise<unknown>;
}

/**
 * Starts a script of this folder, which says what it serves in its first message, and ends when the channel closes.
 * @param settings its one argument, as JSON
 */
export async function startServer<Ready>(script: string, settings: unknown): Promise<ServerProcess<Ready>> {
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const nextMessage = async (): Promise<unknown> => {
    const first: unknown[] = await Promise.race([once(child, 'message'), gone.then(() => [])]);
    if (first.length === 0) throw new Error(`${script} ended`);
    return first[0];
  };
  return {
    ready: (await nextMessage()) as Ready,
    async ask(message) {
      child.send(message);
      return nextMessage();
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
