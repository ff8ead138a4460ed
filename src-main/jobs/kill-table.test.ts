import { afterAll, expect, test } from 'vitest';
import { jobCatalogue, type JobType, jobTypes } from '#contract/catalogue/jobs.ts';
import { casesOf, courseOf, type KillCase, nameOfCase, runKill } from '../testing/orders/kill-run.ts';
import { planted } from '../testing/orders/planted.ts';

/**
 * Every type of job, every step of it, right before and right after: the core dies, or the link to the agents does where one is spoken to; then a person
 * continues or undoes, or it goes on by itself, as its row says. The farm must be what it would be had nothing happened, or what it was before the job.
 * `deaths.test.ts` kills the core at every commit as well; `kill-table.real.test.ts` and `kill-others.real.test.ts` do it with real processes. `FARM_CASE=<words>` does those that have the words in their name.
 */
const only = process.env.FARM_CASE ?? '';
const counted: string[] = [];
let count = 0;
const points = new Set<string>();
afterAll(() => console.info(`${count} cases, ${counted.length} types, ${points.size} points: ${counted.join(', ')}`));

test.each(jobTypes)(
  '%s: whatever is cut off wherever, it is whole or nothing',
  async (type: JobType) => {
    const course = await courseOf(type);
    // no step is left out
    const wanted = jobCatalogue[type].steps.flatMap((step) => [`${type}.${step}.before`, `${type}.${step}.after`]);
    expect(course.points.filter((point) => !point.endsWith('.undo'))).toEqual(wanted);
    expect(course.points.filter((point) => point.endsWith('.undo')).length).toBeGreaterThan(0);
    const cases: readonly KillCase[] = casesOf(type, course).filter((one) => nameOfCase(one).includes(only));
    const bad: string[] = [];
    for (const [at, one] of cases.entries())
      await runKill(one, course, at + 10).catch((error: unknown) =>
        bad.push(`${nameOfCase(one)}: ${error instanceof Error ? error.message : String(error)}`),
      );
    count += cases.length;
    counted.push(`${type} ${cases.length}`);
    for (const { point } of cases) points.add(point);
    expect(bad.join('\n')).toBe('');
  },
  300_000,
);

test.each<readonly [string, JobType]>([
  ['what stood before a step is not saved', 'suspend'],
  ['a job that has ended keeps its locks', 'change-domain'],
  ['an undone create forgets its route', 'create'],
  ['a removal forgets the package', 'remove'],
  ['a join that is taken back leaves its agent in the farm', 'join-server'],
  ['an undone domain forgets its zone', 'add-domain'],
])(
  'that is found: %s (%s)',
  async (name, type) => {
    const plant = planted[name];
    if (plant === undefined) throw new Error('no such fault');
    // as it should be; the same cases over farms in which it is done wrong
    const course = await courseOf(type);
    const found = async (): Promise<string | undefined> => {
      for (const [at, one] of casesOf(type, course).entries()) {
        const wrong = await runKill(one, course, at + 10, plant).catch((error: unknown) => String(error));
        if (wrong !== undefined) return `${nameOfCase(one)}: ${wrong}`;
      }
      return undefined;
    };
    expect(await found()).toBeDefined();
  },
  120_000,
);
