import { describe, expect, test } from 'vitest';
import { changeLook, keepLook, lookFrom, useLookStore } from './look.ts';

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
