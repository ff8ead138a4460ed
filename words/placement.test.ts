import { describe, expect, test } from 'vitest';
import { type PlacementReason, type PlacementReasonCode, placementReason } from '#contract/api/placement-reason.ts';
import { createTranslate, type WordKey } from './translate.ts';

/** Compiles only while every reason has a sentence. */
const keyOf = (code: PlacementReasonCode): WordKey => `placement.reason.${code}`;

const free = { resource: 'memory', freePercent: 41, package: 'there', unmeasuredCount: 0 } as const;
const unreserved = { resource: 'disk', freePercent: 93, package: 'to-send' } as const;
const samples: { [C in PlacementReasonCode]: Extract<PlacementReason, { code: C }> } = {
  best: { code: 'best', ...free },
  only: { code: 'only', ...free, package: 'to-send' },
  good: { code: 'good', ...free, freePercent: 37, package: 'to-send', unmeasuredCount: 2 },
  tight: { code: 'tight', resource: 'cpu', freeAfterPercent: 12 },
  'best-unmeasured': { code: 'best-unmeasured', ...unreserved },
  'only-unmeasured': { code: 'only-unmeasured', ...unreserved },
  'good-unmeasured': { code: 'good-unmeasured', ...unreserved },
  draining: { code: 'draining' },
  joining: { code: 'joining' },
  leaving: { code: 'leaving' },
  maintenance: { code: 'maintenance' },
  'never-seen': { code: 'never-seen' },
  'not-seen': { code: 'not-seen', secondsAgo: 365, minutesAgo: 6 },
  edge: { code: 'edge', server: 'Oak', problem: 'portTaken', port: 443, address: '' },
  platform: { code: 'platform' },
  memory: { code: 'memory', neededMegabytes: 512, leftMegabytes: 300 },
  disk: { code: 'disk', neededGigabytes: 5, leftGigabytes: 1.5 },
  cpu: { code: 'cpu', neededPercent: 25, leftPercent: 10 },
};

const plain = (sentence: string): string => sentence.replaceAll('\u00a0', ' ');

describe('the sentence of a placement reason', () => {
  test.each(['en', 'ru'] as const)('every reason renders in %s', (language) => {
    const translate = createTranslate(language, 'UTC');
    for (const reason of Object.values(samples)) {
      const sentence = translate.say(keyOf(reason.code), placementReason.parse(reason));
      expect(sentence, reason.code).toMatch(/^\p{Lu}.{15,200}\.$/u);
      expect(sentence, reason.code).not.toMatch(/[{}]|undefined/);
    }
  });

  test('as people read them', () => {
    const en = createTranslate('en', 'UTC');
    const ru = createTranslate('ru', 'UTC');
    const say = (translate: typeof en, reason: PlacementReason): string => plain(translate.say(keyOf(reason.code), reason));
    expect(say(en, samples.best)).toBe('Best: 41 % of memory is free at its busiest hour, and the package is already there.');
    expect(say(en, { ...samples.good, unmeasuredCount: 0 })).toBe('Good too: 37 % of memory is free at its busiest hour.');
    expect(say(en, samples.good)).toBe(
      'Good too: 37 % of memory is free at its busiest hour; 2 new instances are counted with their full plans.',
    );
    expect(say(en, samples.memory)).toBe('No: 512 MB of memory do not fit, 300 MB are left after what is promised.');
    expect(say(en, samples['not-seen'])).toBe('No: its agent was last heard 6 min ago.');
    expect(say(en, { code: 'not-seen', secondsAgo: 42, minutesAgo: 0 })).toBe('No: its agent was last heard 42 s ago.');
    expect(say(ru, { ...samples.good, unmeasuredCount: 5 })).toBe(
      'Тоже хорошо: в самый занятый час свободно 37 % памяти; 5 новых экземпляров учтены по полному тарифу.',
    );
    expect(say(en, samples.edge)).toBe('No: visitors do not reach the edge of Oak: another program has port 443.');
    expect(say(en, { ...samples.edge, problem: 'outside', port: 0, address: '203.0.113.9:443' })).toBe(
      'No: visitors do not reach the edge of Oak: at 203.0.113.9:443 nothing answers from here.',
    );
    expect(say(ru, samples.edge)).toBe('Нет: посетители не попадают на входной узел сервера Oak: порт 443 занят другой программой.');
    expect(say(ru, samples.disk)).toBe('Нет: 5 ГБ на диск не поместятся, сверх обещанного осталось 1,5 ГБ.');
  });
});
