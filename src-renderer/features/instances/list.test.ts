import { describe, expect, test } from 'vitest';
import { jobId } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import { actsOf, isAllowed, whyNot } from './instance-acts.ts';
import { instanceRow } from './instance-row.fixture.ts';
import { countOf, filterOf, isNarrowed, wholeList } from './list-state.ts';

const words = createTranslate('en', 'UTC');
const inState = (code: 'running' | 'stopped' | 'suspended' | 'creating' | 'half-made') =>
  instanceRow('anna', { condition: { mark: 'good', code, parameters: {}, sinceMs: 0 } });

describe('acts', () => {
  test('a menu shows what makes sense now', () => {
    expect(actsOf(inState('running'))).toEqual(['restart', 'stop', 'suspend', 'remove']);
    expect(actsOf(inState('stopped'))).toEqual(['restart', 'start', 'suspend', 'remove']);
    expect(actsOf(inState('suspended'))).toEqual(['restart', 'stop', 'resume', 'remove']);
  });

  test('an act that is off says why', () => {
    expect(whyNot(words, inState('running'), 'restart')).toBeUndefined();
    expect(whyNot(words, inState('stopped'), 'restart')).toBe('Off because anna is in the state “Stopped”');
    const busy = { ...inState('running'), jobId: jobId.parse('019ab000-0000-7000-8000-0000000000aa') };
    expect(whyNot(words, busy, 'remove')).toBe('Off while a job works on anna');
    expect(isAllowed({ ...inState('half-made'), jobId: busy.jobId }, 'remove')).toBe(true);
  });
});

describe('the filter of the list', () => {
  test('views are marks, spaces are no text', () => {
    expect(filterOf(wholeList)).toEqual({});
    expect(isNarrowed({ ...wholeList, text: '  ' })).toBe(false);
    expect(filterOf({ ...wholeList, view: 'attention', text: ' anna ', label: 'trial' })).toEqual({
      text: 'anna',
      marks: ['warning', 'bad'],
      label: 'trial',
    });
  });

  test('counts', () => {
    const counts = { good: 200, working: 1, warning: 1, bad: 2, paused: 5, unknown: 3 };
    expect(countOf(counts, 'all')).toBe(212);
    expect(countOf(counts, 'attention')).toBe(3);
    expect(countOf(counts, 'paused')).toBe(5);
  });
});
