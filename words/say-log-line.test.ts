import { describe, expect, test } from 'vitest';
import type { LogLine } from '#contract/api/instances.ts';
import { sayLogLine } from './say-log-line.ts';
import { createTranslate } from './translate.ts';

const en = createTranslate('en', 'UTC');
const ru = createTranslate('ru', 'UTC');
const olga = { kind: 'operator', name: 'Olga' } as const;
const line = (code: string, parameters: LogLine['parameters'] = {}, more: Partial<LogLine> = {}): LogLine => ({
  atMs: 0,
  stream: 'farm',
  text: `${code} for programs`,
  code,
  parameters,
  actor: olga,
  ...more,
});
const say = (one: LogLine, t = en): string => sayLogLine(t, one, ({ code }) => `Because ${code}.`);

describe('a line of what the farm did', () => {
  test.each([
    ['job.begun', { type: 'create' }, 'Creating begins, asked for by Olga', 'Начинается создание. Кто попросил: Olga'],
    ['job.step-done', { type: 'create', step: 'dns' }, 'Every name server answers with the record', undefined],
    ['job.step-undone', { type: 'create', step: 'route' }, 'The route is taken out', undefined],
    ['job.continued', { type: 'create', direction: 'back' }, 'Undoing is continued by Olga', undefined],
    ['job.done', { type: 'remove' }, 'The instance is removed', 'Экземпляр удалён'],
    ['act.restart', {}, 'Restarted by Olga', 'Перезапущен. Кто попросил: Olga'],
    ['act.handOver', { password: 'yes' }, 'Handed over by Olga, with the first password', undefined],
    ['act.handOver', { password: 'none' }, 'Handed over by Olga', 'Передан. Кто передал: Olga'],
    ['act.handOver', { password: 'no' }, 'Shown once more for handing over by Olga, without the password', undefined],
  ])('%s %j', (code, parameters, inEnglish, inRussian) => {
    expect(say(line(code, parameters))).toBe(inEnglish);
    if (inRussian !== undefined) expect(say(line(code, parameters), ru)).toBe(inRussian);
  });

  test('says where a job stopped, and why', () => {
    const failure = { code: 'DNS_SLOW', parameters: {} };
    const stopped = line('job.stopped', { type: 'create', step: 'dns', direction: 'forward' }, { failure });
    expect(say(stopped)).toBe('Creating stopped at “DNS record”. Because DNS_SLOW.');
    expect(say(stopped, ru)).toBe('Создание остановилось на шаге «Запись DNS». Because DNS_SLOW.');
    expect(say(line('job.stopped', { type: 'remove', step: 'none', direction: 'back' }))).toBe('Undoing stopped');
    expect(say(line('act.failed', { act: 'start' }, { failure }))).toBe('Starting failed, asked for by Olga. Because DNS_SLOW.');
  });

  test('names who is no operator by what it is', () => {
    expect(say(line('act.suspend', {}, { actor: { kind: 'token', name: 'WHMCS' } }))).toBe('Suspended by WHMCS, over the API');
    expect(say(line('act.suspend', {}, { actor: { kind: 'system' } }))).toBe('Suspended by the farm itself');
  });

  test('stays as it came where there are no words for it, and what others wrote is never changed', () => {
    expect(say(line('job.dreams'))).toBe('job.dreams for programs');
    expect(say(line('act.handOver'))).toBe('act.handOver for programs');
    expect(say({ atMs: 0, stream: 'out', text: 'job.begun' })).toBe('job.begun');
  });
});
