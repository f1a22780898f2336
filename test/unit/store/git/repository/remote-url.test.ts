import { describe, expect, it } from 'vitest';
import { parseRemoteUrl } from '../../../../../src/store/git/repository/remote-url.ts';

describe('a remote address', () => {
  it.each([
    'https://git.example.com/team/backup.git',
    'http://127.0.0.1:3000/backup.git',
    'ssh://git@git.example.com:2222/team/backup.git',
    'git@git.example.com:team/backup.git',
    'git@[::1]:team/backup.git',
    'file:///srv/git/backup.git',
    '/srv/git/backup.git',
  ])('a remote address may be %s', (url) => {
    expect(parseRemoteUrl(url)).toEqual({ url, display: url, username: null });
  });

  it.each([
    '--upload-pack=touch /tmp/x',
    '-oProxyCommand=x',
    'ext::sh -c touch% /tmp/x',
    'fd::17',
    '::',
    'javascript:alert(1)//x y',
    'ftp://example.com/a.git',
    'https://example.com/a.git\nhelper',
    'backup',
    '',
  ])('a remote address is refused: %j', (url) => {
    expect(() => parseRemoteUrl(url)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });

  it('a remote address keeps a user name apart from the URL', () => {
    expect(parseRemoteUrl('https://b%40t@example.com/a.git')).toEqual({
      url: 'https://example.com/a.git',
      display: 'https://example.com/a.git',
      username: 'b@t',
    });
  });

  it('a remote address never has a password, and the error does not show it', () => {
    const parse = (): unknown => parseRemoteUrl('https://bot:hunter2@example.com/a.git');
    expect(parse).toThrow(/example\.com has a password/);
    expect(parse).not.toThrow(/hunter2/);
  });
});
