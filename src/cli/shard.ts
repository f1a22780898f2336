import { UsageError } from '../lib/errors.ts';
import type { Io } from './io.ts';

/** One of the parts that several processes share the instances of a config in. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * `--shard I/N`, or what an Indexed Job of Kubernetes says: JOB_COMPLETION_INDEX, with the number of shards in
 * FLOWKEEP_SHARDS. null: no sharding. @throws UsageError
 */
export function shardOf(flag: string | undefined, env: Io['env']): Shard | null {
  if (flag !== undefined) return parse(flag, '--shard');
  const { JOB_COMPLETION_INDEX: index, FLOWKEEP_SHARDS: count } = env;
  if (!index || !count) return null;
  return parse(`${index}/${count}`, 'JOB_COMPLETION_INDEX/FLOWKEEP_SHARDS');
}

/** Those of the list that fall into the shard: every N-th, beginning with the I-th, counted from 0. */
export function pickShard<Item>(items: readonly Item[], shard: Shard | null): Item[] {
  return items.filter((_item, position) => shard === null || position % shard.count === shard.index);
}

function parse(text: string, where: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match && count > 0 && index < count) return { index, count };
  throw new UsageError(
    `invalid ${where} ${JSON.stringify(text)}: expected INDEX/SHARDS, for example 0/3`,
    'INDEX counts from 0: 0/3, 1/3 and 2/3 together cover everything.',
  );
}
