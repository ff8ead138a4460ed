import { describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobTypes } from '#contract/catalogue/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import { createTranslate } from '#words/translate.ts';
import { jobDurationMs, jobShare, jobTitle, sayCode } from './say-job.ts';
import { sayAlert } from './say-alert.ts';

const en = createTranslate('en', 'UTC');
const ru = createTranslate('ru', 'UTC');
const alert = (code: Alert['code'], parameters: Alert['parameters'], target: Alert['target']): Alert => ({
  id: 'w',
  mark: 'bad',
  code,
  parameters,
  sinceMs: 0,
  target,
});
const step = (state: JobView['steps'][number]['state'], endedAtMs?: number) => ({
  name: 'dns',
  state,
  attempts: 1,
  startedAtMs: 1_000,
  ...(endedAtMs !== undefined && { endedAtMs }),
});
const job = (change: Partial<JobView>): JobView =>
  ({
    id: 'j',
    type: 'create',
    state: 'stopped',
    direction: 'forward',
    createdAtMs: 1_000,
    subject: { kind: 'instance', id: 'i', name: 'marlow' },
    steps: [],
    traces: [],
    ...change,
  }) as JobView;

describe('an alert in words', () => {
  test('a stopped job says its own failure, by its own name', () => {
    const failure = { code: 'NOT_FOUND', parameters: { kind: 'server', name: 'Oak' } };
    // The failure's parameters stand beside the job's and overwrite its name.
    const given = alert('job-stopped', { type: 'create', step: 2, steps: 9, ...failure.parameters }, { kind: 'job', id: 'j' });
    const said = sayAlert(en, given, job({ failure }));
    expect(said.title).toBe('Creating marlow stopped at step 2 of 9');
    expect(said.cause).toContain('Oak');
    expect(said.href).toBe('#/jobs/j');
  });

  test('a stopped job of any type is told by what it was doing', () => {
    for (const type of jobTypes) {
      const given = alert('job-stopped', { type, name: 'shop.test', step: 2, steps: 5 }, { kind: 'job', id: 'j' });
      expect(sayAlert(en, given, undefined).title).toBe(`${en.say(`jobs.type.${type}.now`, { name: 'shop.test' })} stopped at step 2 of 5`);
      expect(sayAlert(ru, given, undefined).title).toContain('shop.test');
    }
    const unknown = alert('job-stopped', { type: 'of-tomorrow', name: 'shop.test', step: 2, steps: 5 }, { kind: 'job', id: 'j' });
    expect(sayAlert(en, unknown, undefined).title).toBe('shop.test stopped at step 2 of 5');
  });

  test('a core that leaves an argument out does not cost the list', () => {
    for (const words of [en, ru]) {
      const said = sayAlert(words, alert('server-disk', {}, { kind: 'server', id: 's' }), undefined);
      expect(said.cause).toContain('0');
      expect(said.word).not.toBe('');
    }
  });

  test('a fault of the program itself is said by its reference, and leads to the settings', () => {
    const given = alert('program-fault', { reference: 'F-7K2M9Q', count: 3 }, { kind: 'program', id: 'F-7K2M9Q' });
    for (const words of [en, ru]) {
      const said = sayAlert(words, given, undefined);
      expect(said).toMatchObject({ title: expect.stringContaining('F-7K2M9Q'), cause: expect.stringContaining('3'), href: '#/settings' });
    }
  });

  test('silence names the agent as a possible cause only where it is one', () => {
    const server = { kind: 'server', id: 's' } as const;
    const silent = sayAlert(en, alert('server-network', { server: 'Oak', instances: 1, mayBeAgent: 'yes' }, server), undefined);
    expect(silent).toMatchObject({ word: 'No answer', title: 'Oak does not answer', cause: expect.stringContaining('Its agent hangs') });
    const cut = sayAlert(en, alert('server-network', { server: 'Oak', instances: 1, mayBeAgent: 'no' }, server), undefined);
    expect(cut).toMatchObject({ word: 'No way there', title: 'Oak cannot be reached', cause: expect.stringMatching(/^Its network/) });
  });

  test('names from far machines cannot steer', () => {
    const said = sayAlert(en, alert('instance-down', { name: 'a\u202eb', server: 'Oak' }, { kind: 'instance', id: 'i' }), undefined);
    expect(said.title).not.toContain('\u202e');
    expect(said.href).toBe('#/instances/a%E2%80%AEb');
  });
});

describe('a job in words', () => {
  test('its title tells whether it has ended', () => {
    expect(jobTitle(en, job({ state: 'running' }))).toBe('Creating marlow');
    expect(jobTitle(en, job({ state: 'done', type: 'remove' }))).toBe('marlow was removed');
    expect(jobTitle(ru, job({ state: 'undone' }))).toBe('Создание marlow отменено');
  });

  test('its time stops where it stopped', () => {
    expect(jobDurationMs(job({ steps: [step('done', 2_000), step('failed', 4_500)] }), 99_000)).toBe(3_500);
    expect(jobDurationMs(job({ state: 'running', steps: [step('doing')] }), 9_000)).toBe(8_000);
  });

  test('its share counts steps, on the way back those that are undone', () => {
    expect(jobShare(job({ steps: [step('done'), step('doing')] }))).toBe(0.5);
    expect(jobShare(job({ direction: 'back', steps: [step('done'), step('undone'), step('waiting'), step('undone')] }))).toBe(0.75);
    expect(jobShare(job({}))).toBe(0);
  });

  test('a code without words says nothing', () => {
    expect(sayCode(en, 'jobs.create.moon.title')).toBeUndefined();
    expect(sayCode(en, 'jobs.waiting.server', {})).toBeUndefined();
  });
});
