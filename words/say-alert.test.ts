import { expect, test } from 'vitest';
import { alertCodes } from '#contract/catalogue/alerts.ts';
import { sayAlertText } from './say-alert.ts';
import { createTranslate } from './translate.ts';

/** As a core of another version says it, or one whose alert was stored before there was this argument. */
test.each(alertCodes)('%s has its sentences when none of its arguments came', (code) => {
  for (const language of ['en', 'ru'] as const) {
    const words = createTranslate(language, 'UTC');
    const missing: string[] = [];
    const said = sayAlertText(
      words,
      { id: 'a', mark: 'bad', code, parameters: {}, sinceMs: 0, target: { kind: 'farm', id: '' } },
      undefined,
      () => '',
    );
    for (const [part, text] of Object.entries(said)) if (/undefined|\{|\}/.test(text) || text === '') missing.push(`${part}: ${text}`);
    expect(missing).toEqual([]);
  }
});
