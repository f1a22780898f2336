import { describe, expect, it } from 'vitest';
import { pickShard, shardOf } from '../../../src/cli/shard.ts';

const fleet = ['a', 'b', 'c', 'd', 'e'];
const pick = (flag: string | undefined, env: Record<string, string> = {}) => pickShard(fleet, shardOf(flag, env));

describe('shards', () => {
  it('shards share the instances without a gap', () => {
    expect(pick('0/2')).toEqual(['a', 'c', 'e']);
    expect(pick('1/2')).toEqual(['b', 'd']);
    expect(pick('0/1')).toEqual(fleet);
  });

  it('shards may be more than there are instances', () => {
    expect(pick('7/8')).toEqual([]);
  });

  it('shards are what an Indexed Job says, unless the flag is given', () => {
    const env = { JOB_COMPLETION_INDEX: '1', FLOWKEEP_SHARDS: '2' };
    expect(pick(undefined, env)).toEqual(['b', 'd']);
    expect(pick('0/2', env)).toEqual(['a', 'c', 'e']);
  });

  it('shards are none without both variables', () => {
    expect(pick(undefined)).toEqual(fleet);
    expect(pick(undefined, { JOB_COMPLETION_INDEX: '1' })).toEqual(fleet);
    expect(pick(undefined, { FLOWKEEP_SHARDS: '2' })).toEqual(fleet);
  });

  it.each(['2/2', '0/0', 'x', '-1/2', '1', '', '1/2/3'])('%j is refused with exit code 2', (flag) => {
    expect(() => shardOf(flag, {})).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});
