import { describe, expect, it, test } from 'vitest';
import { guardContents, refusePermissions } from './guards.ts';
import { createOutside, isOpenable } from './outside.ts';
import { ourWindowOf } from './sender.ts';
import { createElectronStandIn, StandInContents, StandInWindow } from './testing/electron-stand-in.ts';

const domains = ['farm.example', 'farm.localhost'];

describe('addresses that may leave the program', () => {
  it.each([
    ['an instance', 'https://anna.farm.example/', true],
    ['an instance at a port', 'https://anna.farm.localhost:8443/status?a=1#b', true],
    ['the farm domain itself', 'https://farm.example', true],
    ['another host', 'https://evil.example/', false],
    ['a host that only ends alike', 'https://notfarm.example/', false],
    ['a host that begins alike', 'https://farm.example.evil.test/', false],
    ['a name before the host', 'https://farm.example@evil.test/', false],
    ['a password', 'https://a:b@anna.farm.example/', false],
    ['plain http', 'http://anna.farm.example/', false],
    ['a file', 'file:///etc/passwd', false],
    ['a program', 'ms-msdt:/id PCWDiagnostic', false],
    ['a script', 'javascript:alert(1)', false],
    ['our own page', 'farmstead://window/', false],
    ['no address', 'anna.farm.example', false],
    ['nothing', '', false],
  ])('%s: %s → %s', (_what, url, isAllowed) => {
    expect(isOpenable(url, domains)).toBe(isAllowed);
  });

  it('none while there is no farm', () => expect(isOpenable('https://anna.farm.example/', [])).toBe(false));

  it('are handed over as they were understood', async () => {
    const opened: string[] = [];
    const open = createOutside({ openExternal: async (url) => void opened.push(url) }, async () => domains);
    expect(await open('HTTPS://ANNA.farm.example/a b')).toBe(true);
    expect(await open('https://evil.example/')).toBe(false);
    expect(opened).toEqual(['https://anna.farm.example/a%20b']);
  });
});

describe('every page', () => {
  const guarded = () => {
    const contents = new StandInContents(7);
    const opened: string[] = [];
    guardContents(contents, async (url) => {
      if (url.includes('broken')) throw new Error('no browser');
      opened.push(url);
      return true;
    });
    return { contents, opened };
  };

  const navigations = ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const;
  const places: [url: string, outcome: 'held' | 'let go'][] = [
    ['farmstead://window/', 'let go'],
    ['farmstead://window/index.html#/instances', 'let go'],
    ['farmstead://window.evil.test/', 'held'],
    ['farmstead://other/', 'held'],
    ['farmstead:window', 'held'],
    ['file:///etc/passwd', 'held'],
    ['https://anna.farm.example/', 'held'],
    ['http://127.0.0.1:7400/', 'held'],
    ['data:text/html,<script>1</script>', 'held'],
    ['blob:farmstead://window/1', 'held'],
    ['javascript:alert(1)', 'held'],
    ['about:blank', 'held'],
    ['', 'held'],
  ];
  it.each(navigations.flatMap((event) => places.map(([url, outcome]) => [event, url, outcome] as const)))(
    '%s to %j is %s',
    (event, url, outcome) => expect(guarded().contents.tries(event, url)).toBe(outcome),
  );

  it('may not hold a webview', () => expect(guarded().contents.tries('will-attach-webview', 'farmstead://window/')).toBe('held'));

  it('opens no window; the address goes to the checked opener, whose failure harms nobody', async () => {
    const { contents, opened } = guarded();
    expect(contents.answerOpen?.({ url: 'https://anna.farm.example/' })).toEqual({ action: 'deny' });
    expect(contents.answerOpen?.({ url: 'https://broken.example/' })).toEqual({ action: 'deny' });
    expect(contents.answerOpen?.({ url: 'farmstead://window/' })).toEqual({ action: 'deny' });
    await Promise.resolve();
    expect(opened).toEqual(['https://anna.farm.example/', 'farmstead://window/']);
  });
});

test('no permission is granted, asked or looked up', () => {
  const { parts, handlers } = createElectronStandIn();
  refusePermissions(parts.session.defaultSession);
  const { request, check, device } = handlers;
  const answers: unknown[] = [];
  const ask = request as unknown as (contents: unknown, permission: string, answer: (isGranted: boolean) => void) => void;
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fullscreen'])
    ask({}, permission, (isGranted) => answers.push(isGranted));
  expect(answers).toEqual([false, false, false, false, false, false]);
  expect([(check as () => unknown)(), (device as () => unknown)()]).toEqual([false, false]);
});

describe('a sender', () => {
  const window = new StandInWindow(3, {});
  const known = { get: (id: number) => (id === 3 ? window : undefined) };
  const frame = { origin: 'farmstead://window', parent: null, postMessage: () => undefined };
  it.each([
    ['the top frame of our window', { id: 3 }, frame, true],
    ['a window that nobody made', { id: 4 }, frame, false],
    ['a frame within our page', { id: 3 }, { ...frame, parent: frame }, false],
    ['a frame that has gone', { id: 3 }, null, false],
    ['a foreign page', { id: 3 }, { ...frame, origin: 'https://evil.example' }, false],
    ['a page without an origin', { id: 3 }, { ...frame, origin: 'null' }, false],
    ['an origin that begins alike', { id: 3 }, { ...frame, origin: 'farmstead://window.evil.test' }, false],
    ['a file', { id: 3 }, { ...frame, origin: 'file://' }, false],
  ])('%s', (_who, sender, senderFrame, isOurs) => {
    expect(ourWindowOf({ sender, senderFrame }, known)).toBe(isOurs ? window : undefined);
  });
});
