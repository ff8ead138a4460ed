import { describe, expect, it } from 'vitest';
import { fetchEnvironment, wayOf, withoutSecrets } from './electron-proxy.mjs';

const use = { ELECTRON_GET_USE_PROXY: 'true' };

describe('the environment of the fetch', () => {
  it.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
    ['no proxy', { PATH: '/bin', NO_PROXY: 'x' }, { PATH: '/bin', NO_PROXY: 'x' }],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://p:1' }, { ...use, HTTPS_PROXY: 'http://p:1' }],
    ['small letters', { https_proxy: 'http://p:1', no_proxy: 'y' }, { ...use, HTTPS_PROXY: 'http://p:1', NO_PROXY: 'y' }],
    ['HTTP_PROXY alone', { HTTP_PROXY: 'http://p:1' }, { ...use, HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' }],
    [
      'npm’s settings',
      { npm_config_https_proxy: 'http://p:1', npm_config_noproxy: '.local' },
      { npm_config_https_proxy: 'http://p:1', npm_config_noproxy: '.local', ...use, HTTPS_PROXY: 'http://p:1', NO_PROXY: '.local' },
    ],
    [
      'npm’s one setting for both',
      { NPM_CONFIG_PROXY: 'http://p:1' },
      { NPM_CONFIG_PROXY: 'http://p:1', ...use, HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' },
    ],
    ['npm’s setting turned off', { npm_config_proxy: 'null' }, { npm_config_proxy: 'null' }],
    ['one without a scheme', { HTTPS_PROXY: 'proxy.example:3128' }, { ...use, HTTPS_PROXY: 'http://proxy.example:3128' }],
    // The fetcher would take the empty one.
    [
      'an empty one in small letters',
      { http_proxy: '', HTTP_PROXY: 'http://p:1' },
      { ...use, HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' },
    ],
    [
      'the system’s before npm’s',
      { HTTPS_PROXY: 'http://a:1', npm_config_https_proxy: 'http://b:1' },
      { ...use, npm_config_https_proxy: 'http://b:1', HTTPS_PROXY: 'http://a:1' },
    ],
  ])('with %s', (_what, given, expected) => expect(fetchEnvironment(given)).toEqual(expected));
});

describe('secrets', () => {
  it.each([
    ['http://ann:s3cret@p:1', 'connect to http://ann:s3cret@p:1 failed', 'connect to http://p:1 failed'],
    ['http://ann:s3c%72et@p:1', 'wrong password s3cret', 'wrong password …'],
    ['ann:s3c/ret@p:1', 'for ann:s3c/ret@p:1', 'for ann:…@p:1'],
    ['http://p:1', 'http://p:1 refused 1', 'http://p:1 refused 1'],
  ])('of the proxy %j do not stand in %j', (proxy, text, said) => {
    for (const name of ['HTTPS_PROXY', 'http_proxy', 'npm_config_proxy', 'NPM_CONFIG_HTTPS_PROXY'])
      expect(withoutSecrets(text, { [name]: proxy })).toBe(said);
  });

  it('of a mirror do not either', () => {
    expect(withoutSecrets('Response code 404 for https://bob:pw@mirror.example/v1/x.zip', {})).toBe(
      'Response code 404 for https://mirror.example/v1/x.zip',
    );
  });

  it('are no part of the way that is remembered, all else is', () => {
    const way = wayOf({ HTTPS_PROXY: 'http://ann:s3cret@p:1', ELECTRON_MIRROR: 'https://bob:pw@m/' });
    expect(way).toBe('electron_mirror=https://m/  http://p:1 ');
    expect(wayOf({ HTTPS_PROXY: 'http://ann:other@p:1', ELECTRON_MIRROR: 'https://m/' })).toBe(way);
    expect(wayOf({ npm_config_electron_mirror: 'https://n/' })).not.toBe(wayOf({}));
  });
});
