import { expect, test } from 'vitest';
import { type JobType, jobTypes } from '#contract/catalogue/jobs.ts';
import { rehearsalOf } from '../testing/orders/begin-act.ts';
import { doneIn, prepared } from '../testing/orders/run-scenario.ts';
import { scenarios } from '../testing/orders/scenarios.ts';
import { changedKinds, sweep } from '../testing/orders/sweep.ts';

/** What the sweeps call a thing of an effect. */
const kindOf: Readonly<Record<string, string>> = {
  'instance-row': 'row',
  'domain-certificates': 'certificate',
  'old-certificates': 'wildcard-certificate',
  'own-record': 'record',
};
const kindsOf = (changes: readonly { readonly kind: string; readonly isCertain: boolean }[], isCertain: boolean): string[] =>
  [...new Set(changes.filter((change) => change.isCertain || !isCertain).map(({ kind }) => kindOf[kind] ?? kind))].sort();
/** Of these everything is known without asking anybody. */
const certain: readonly JobType[] = ['remove', 'suspend', 'stop'];
/** The room goes with the row that reserves it, and what an agent serves comes and goes with its membership. */
const goesAlong: { readonly [T in JobType]?: string } = { remove: 'room', 'remove-server': 'certificate', 'join-server': 'certificate' };

test.each(jobTypes)(
  'a rehearsal of %s says what two sweeps of the world differ by, nothing that does not change, and changes nothing itself',
  async (type) => {
    const world = await prepared(1, type);
    const { act } = scenarios[type];
    const request = rehearsalOf(world, act);
    if (request === undefined) throw new Error('what it is about is not there');
    const before = sweep(world);
    const { changes } = await world.turns.during(world.as('reader', 'look').jobs.rehearse({ act: request }), 'it is rehearsed');
    expect(sweep(world)).toEqual(before);
    await doneIn(world, act);
    const changed = changedKinds(before, sweep(world)).filter((kind) => kind !== goesAlong[type]);
    const said = kindsOf(changes, false);
    for (const kind of changed) expect(said).toContain(kind);
    for (const kind of kindsOf(changes, true)) expect(changed).toContain(kind);
    if (certain.includes(type)) expect(kindsOf(changes, true)).toEqual(changed);
    for (const { title, says } of changes) expect(`${title} ${says}`).not.toMatch(/[{}]|undefined|if it is not there yet/);
    world.kill();
  },
);
