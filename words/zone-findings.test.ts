import { describe, expect, test } from 'vitest';
import { type DomainInspection, keyReach, recordAdvice, recordDifference, zoneFault } from '#contract/api/domains.ts';
import { createTranslate } from './translate.ts';
import { zoneFindings } from './zone-findings.ts';

const clean: DomainInspection = {
  askedAtMs: 1,
  hiding: [],
  hidingCount: 0,
  differences: [],
  differenceCount: 0,
  advice: { code: 'no-server', parameters: {} },
  reach: { kind: 'own', otherZones: 0 },
  faults: [],
};
const findingsOf = (change: Partial<DomainInspection>, language: 'en' | 'ru' = 'en') =>
  zoneFindings({
    words: createTranslate(language, 'UTC'),
    domain: 'farm.example',
    inspection: { ...clean, ...change },
    safe: (text) => text.replaceAll('\u202e', '\\u202e'),
  });
const parameters = { servers: 2, server: 'Oak', others: 3, addresses: '192.0.2.1', wildcard: '*.farm.example' };

describe('what a zone has to say', () => {
  test.each(['en', 'ru'] as const)('has words in %s for every code', (language) => {
    for (const code of recordAdvice.options) {
      const told = findingsOf({ advice: { code, parameters } }, language).find(({ id }) => id === 'advice');
      expect(told?.says[0], code).toMatch(/^\p{Lu}.+\.$/u);
      expect(told?.says[0], code).not.toContain('{');
    }
    for (const code of recordDifference.options) {
      const difference = { code, instanceName: 'anna', host: 'anna.farm.example', found: 'A 192.0.2.9', expected: '192.0.2.1' };
      expect(findingsOf({ differences: [difference], differenceCount: 1 }, language)[0]?.says[0], code).toContain('anna.farm.example');
    }
    for (const code of zoneFault.options) {
      const [first] = findingsOf({ faults: [code] }, language);
      expect(first, code).toMatchObject({ id: code, mark: 'warning' });
      expect(first?.says[0], code).toContain('farm.example');
    }
    for (const kind of keyReach.options)
      expect(findingsOf({ reach: { kind, otherZones: 1 } }, language).filter(({ id }) => id === 'reach').length, kind).toBe(
        kind === 'own' ? 0 : 1,
      );
  });

  test('what needs somebody comes first, and a long list says how much longer it is', () => {
    const differences = Array.from({ length: 50 }, (_, at) => ({
      code: 'missing' as const,
      instanceName: `i${at}`,
      host: `i${at}.farm.example`,
      found: '',
      expected: '192.0.2.1',
    }));
    const found = findingsOf({ differences, differenceCount: 80, reach: { kind: 'whole-server', otherZones: 14 } });
    expect(found.map(({ id, mark }) => `${id} ${mark}`)).toEqual(['differences warning', 'reach warning', 'wildcard good', 'advice good']);
    expect(found[0]?.says).toHaveLength(7);
    expect(found[0]?.says[5]).toBe('And 75 more.');
    expect(found[1]?.title).toBe('The farm’s key can also change 14 other zones of the name server');
  });

  test('a wildcard that leads to nobody of the farm, and what hides it', () => {
    const wildcard = {
      name: '*.farm.example',
      leads: [
        { type: 'A', value: '192.0.2.1', serverName: 'Oak' },
        { type: 'A', value: '203.0.113.9' },
      ],
    };
    const hiding = [
      { name: 'mail.farm.example', found: 'A 203.0.113.25', hides: 'mail.farm.example' },
      { name: '_acme.shop.farm.example', found: 'TXT \u202eproof', hides: 'shop.farm.example' },
    ];
    const [first, second] = findingsOf({ wildcard, hiding, hidingCount: 2 });
    expect(first).toMatchObject({ mark: 'warning', title: 'The wildcard *.farm.example leads to 192.0.2.1 (Oak), 203.0.113.9' });
    expect(first?.says[0]).toMatch(/^No server of this farm has 203\.0\.113\.9\./);
    expect(second?.says).toEqual([
      'mail.farm.example: A 203.0.113.25',
      '_acme.shop.farm.example: TXT \\u202eproof. It stands below shop.farm.example and so hides that name too.',
    ]);
  });
});
