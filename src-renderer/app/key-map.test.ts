import { describe, expect, test } from 'vitest';
import { type KeyPress, meaningOf } from './key-map.ts';

const press = (change: Partial<KeyPress>): KeyPress => ({
  code: '',
  key: '',
  hasCommand: false,
  hasAlt: false,
  isElsewhere: false,
  ...change,
});

describe('the keys of the window', () => {
  test.each([
    [press({ code: 'KeyK', hasCommand: true }), false, { kind: 'palette' }],
    [press({ code: 'KeyK', hasCommand: true, isElsewhere: true }), false, { kind: 'palette' }],
    [press({ code: 'KeyN', key: 'т' }), false, { kind: 'go', path: '#/instances/new' }],
    [press({ code: 'KeyG', key: 'п' }), false, { kind: 'begin-go' }],
    [press({ code: 'KeyS' }), true, { kind: 'go', path: '#/servers' }],
    [press({ code: 'KeyI' }), true, { kind: 'go', path: '#/instances' }],
    [press({ code: 'KeyS' }), false, undefined],
    [press({ code: 'Slash', key: '?' }), false, { kind: 'keys' }],
    [press({ code: 'KeyN', isElsewhere: true }), false, undefined],
    [press({ code: 'KeyN', hasCommand: true }), false, undefined],
    [press({ code: 'KeyN', hasAlt: true }), false, undefined],
  ])('%o, going %s', (given, isGoing, meaning) => {
    expect(meaningOf(given, isGoing)).toEqual(meaning);
  });
});
