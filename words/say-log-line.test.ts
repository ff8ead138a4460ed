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

  test('of an agent is said in words where it matters to people', () => {
    const noted = (text: string, t = en): string => say({ atMs: 0, stream: 'agent', text }, t);
    expect(noted('not-quiet hangs=no seconds=10 requests=2 streams=0 folder=still')).toBe(
      '2 requests had no answer yet. After 10 seconds it was ended all the same: what its users saved last may be missing. Ask them to look at their last changes.',
    );
    expect(noted('not-quiet hangs=no seconds=10 requests=0 streams=0 folder=moving')).toMatch(/^It went on writing\. After 10 seconds /);
    expect(noted('not-quiet hangs=yes seconds=3 requests=0 streams=0 folder=still')).toMatch(/^It gave no answer any more\. After 3 /);
    expect(noted('not-quiet hangs=no seconds=2 requests=5 streams=0 folder=still', ru)).toMatch(
      /^5 запросов остались без ответа\. Через 2 секунды /,
    );
    expect(noted('streams-cut count=1')).toMatch(/^One open connection /);
    expect(noted('streams-cut count=3', ru)).toMatch(/^При завершении разорваны 3 открытых соединения /);
    for (const text of ['started pid=7 port=20000', 'not-quiet', 'not-quiet hangs=<b> seconds=1', 'stopped', 'not-quiet: oh'])
      expect(noted(text)).toBe(text);
    expect(say({ atMs: 0, stream: 'out', text: 'streams-cut count=1' })).toBe('streams-cut count=1');
  });

  test('stays as it came where there are no words for it, and what others wrote is never changed', () => {
    expect(say(line('job.dreams'))).toBe('job.dreams for programs');
    expect(say(line('act.handOver'))).toBe('act.handOver for programs');
    expect(say({ atMs: 0, stream: 'out', text: 'job.begun' })).toBe('job.begun');
  });
});
