import { describe, expect, test } from 'vitest';
import { jobCatalogue, type JobType, jobTypes } from '#contract/catalogue/jobs.ts';
import type { Death } from '../testing/light/light-world.ts';
import { runScenario } from '../testing/orders/run-scenario.ts';

/**
 * The scenario of every type of job, with a core that dies at its first commit, at its second …, before it is durable or after, and is opened again. Whatever
 * stands still is continued or undone by turns; `FARM_KILLS=all`: both. The farm ends as if the job had been done without a death, or as if it had never been.
 */
const isWhole = process.env.FARM_KILLS === 'all';
/** More commits than any job has. */
const mostCommits = 400;

/** The same job undone, with a second death at every commit of that: undone again, to what was before. Answers how many deaths. */
async function undoneAgain(type: JobType, death: Death | undefined): Promise<number> {
  if (death === undefined) return 0;
  for (let after = 1; after < mostCommits; after += 1) {
    const one = await runScenario({ type, choice: 'undo', death, again: { after, isDurable: after % 2 === 0 } });
    const where = `undone again after a death at commit ${after}`;
    expect([one.state, one.faults], where).toEqual(['undone', []]);
    expect(one.after, where).toEqual(one.before);
    if (!one.hasDiedAgain) return after - 1;
  }
  throw new Error('it has no end');
}

describe('a core that dies at a commit of a job', () => {
  test.each(jobTypes)('%s', { timeout: 600_000 }, async (type) => {
    const whole = await runScenario({ type, choice: 'continue' });
    expect([whole.state, whole.faults]).toEqual(['done', []]);
    const states = new Set<string>();
    const undone: Death[] = [];
    let deaths = 0;
    for (let after = 1, isOver = false; !isOver && after < mostCommits; after += 1) {
      for (const isDurable of [false, true]) {
        const choices = isWhole
          ? (['continue', 'undo'] as const)
          : ([(after + Number(isDurable)) % 2 === 0 ? 'continue' : 'undo'] as const);
        for (const choice of choices) {
          const one = await runScenario({ type, choice, death: { after, isDurable } });
          isOver = !one.hasDied;
          const where = `${choice} after a death at commit ${after}${isDurable ? ', durable' : ''}: ${one.state}`;
          expect(one.faults, where).toEqual([]);
          expect(one.after, where).toEqual(one.state === 'done' ? whole.after : one.before);
          if (one.hasDied) deaths += 1;
          states.add(one.state ?? 'never begun');
          if (one.state === 'undone') undone.push({ after, isDurable });
        }
      }
    }
    // what was done the furthest has the most to take back
    const again = await undoneAgain(type, undone.at(-1));
    console.info(`${type}: ${deaths} deaths, ${again} while it was taken back, ${[...states].sort().join(', ')}`);
    expect(deaths).toBeGreaterThan(5);
    expect(states).toContain('done');
    // whatever a person may choose to undo has been
    expect(again > 3).toBe(jobCatalogue[type].resume === 'ask');
  });
});
