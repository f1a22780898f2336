import { describe, expect, it } from 'vitest';
import { dropMembers, findRefusedMembers } from '../../../../../src/restore/apply/workflows/refused-members.ts';

describe('findRefusedMembers', () => {
  it.each([
    [
      "request/body/settings Unrecognized key(s) in object: 'foo', 'bar'",
      [
        { path: ['settings'], member: 'foo' },
        { path: ['settings'], member: 'bar' },
      ],
    ],
    ["request/body Unrecognized key(s) in object: 'nodeGroups'", [{ path: [], member: 'nodeGroups' }]],
    ["request/body/nodes/0 Unrecognized key(s) in object: 'color'", [{ path: ['nodes', '0'], member: 'color' }]],
    ['request/body/nodes/2/createdAt is read-only', [{ path: ['nodes', '2'], member: 'createdAt' }]],
    [
      'request/body/settings/saveManualExecutions Expected boolean, received string',
      [{ path: ['settings'], member: 'saveManualExecutions' }],
    ],
  ])('findRefusedMembers reads %s', (reason, members) => {
    expect(findRefusedMembers(reason)).toEqual(members);
  });

  it('findRefusedMembers names nothing where n8n refuses for another reason', () => {
    expect(findRefusedMembers('Node group "G" cannot contain trigger nodes')).toEqual([]);
  });
});

describe('dropMembers', () => {
  it('dropMembers leaves out what is named and keeps the rest as it is', () => {
    const body = {
      settings: { foo: 1, timezone: 'UTC' },
      nodes: [{ name: 'a' }, { name: 'b', color: 'red' }],
    };
    const members = [
      { path: ['settings'], member: 'foo' },
      { path: ['nodes', '1'], member: 'color' },
      { path: ['nodes', '7'], member: 'color' },
    ];
    expect(dropMembers(body, members)).toEqual({
      body: { settings: { timezone: 'UTC' }, nodes: [{ name: 'a' }, { name: 'b' }] },
      dropped: members.slice(0, 2),
    });
    expect(body.settings.foo).toBe(1);
  });
});
