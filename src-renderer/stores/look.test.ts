import { describe, expect, test } from 'vitest';
import { askedLanguage, changeLook, keepLook, lookFrom, useLookStore } from './look.ts';

describe('the look', () => {
  test('takes what was kept and leaves out what makes no sense any more', () => {
    const kept: Record<string, string> = { theme: 'dark', density: 'huge', language: 'de', textScalePercent: '115' };
    expect(lookFrom((key) => kept[key], ['en-GB'])).toEqual({ theme: 'dark', density: 'dense', language: 'en', textScalePercent: 115 });
  });

  test('speaks the language of the system until somebody chooses', () => {
    expect(lookFrom(() => undefined, ['ru-RU', 'en']).language).toBe('ru');
    expect(lookFrom(() => undefined, []).language).toBe('en');
    expect(lookFrom((key) => (key === 'language' ? 'en' : undefined), ['ru']).language).toBe('en');
  });

  test.each([
    [{ search: '?language=ru' }, 'ru', '/#/settings'],
    [{ search: '?language=en' }, 'en', '/#/settings'],
    [{ search: '?language=de' }, undefined, '/#/settings'],
    [{ search: '?language=RU' }, undefined, '/#/settings'],
    [{ search: '?language=' }, undefined, '/#/settings'],
    [{ search: '?other=1&language=ru' }, 'ru', '/?other=1#/settings'],
    [{ search: '' }, undefined, '/#/settings'],
  ] as const)('of the address %j takes %j, and takes it out', ({ search }, language, address) => {
    expect(askedLanguage({ pathname: '/', search, hash: '#/settings' })).toEqual({ language, address });
  });

  test('speaks a language that was asked for, whatever was kept, and keeps it from then on', () => {
    const kept = new Map([['language', 'en']]);
    const before = useLookStore.getState();
    const keep = {
      read: (key: string) => kept.get(key),
      write: (key: string, value: string | undefined) => void kept.set(key, value ?? ''),
    };
    keepLook(keep, ['en'], 'ru')();
    expect([useLookStore.getState().language, kept.get('language')]).toEqual(['ru', 'ru']);
    keepLook(keep, ['en'])();
    expect(useLookStore.getState().language).toBe('ru');
    useLookStore.setState(before);
  });

  test('keeps each choice, and only what changed', () => {
    const written: [string, string | undefined][] = [];
    const before = useLookStore.getState();
    const stop = keepLook({ read: () => undefined, write: (key, value) => written.push([key, value]) }, ['en']);
    changeLook({ theme: 'light' });
    stop();
    changeLook({ theme: 'dark' });
    useLookStore.setState(before);
    expect(written).toEqual([['theme', 'light']]);
  });
});
