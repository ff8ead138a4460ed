import { describe, expect, test } from 'vitest';
import { dropDraft, keepDrafts, setDraft, useDrafts } from './drafts.ts';

describe('drafts', () => {
  test('survive closing the window, and go when they are done', () => {
    let stored: string | undefined;
    const keep = {
      read: () => stored,
      write: (_key: string, value: string | undefined) => {
        stored = value;
      },
    };
    const stop = keepDrafts(keep);
    setDraft('wizard', { name: 'anna' });
    stop();
    useDrafts.setState({ drafts: {} });
    const again = keepDrafts(keep);
    expect(useDrafts.getState().drafts['wizard']).toEqual({ name: 'anna' });
    dropDraft('wizard');
    again();
    expect(stored).toBe('{}');
  });

  test.each(['{"half', '[1]', 'null', '7'])('begin empty after %s', (text) => {
    keepDrafts({ read: () => text, write: () => undefined })();
    expect(useDrafts.getState().drafts).toEqual({});
  });
});
