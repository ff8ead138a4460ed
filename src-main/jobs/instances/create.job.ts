import { FarmError } from '#contract/errors.ts';
import { serverId as serverIdSchema } from '#contract/ids.ts';
import { untilAnswered, untilForgotten } from '../../checks/dns-answers.ts';
import { untilSeenOutside } from '../../checks/until-seen-outside.ts';
import { presentAddresses } from '../../checks/present-addresses.ts';
import { placedSiteOf, siteOf } from '../../checks/site.ts';
import { type JobDefinition, look, type State, use } from '../../effects/effect.ts';
import { everOurs } from '../../effects/record.ts';
import { type CreateInput, createInput, type InstanceJobDeps, on } from './instance-job.ts';
import { readOldCreate } from './old-checkpoints.ts';

/** From a name to an address that was seen from outside. Each step can be repeated and undone; nothing is left of a create that was undone. */
export function createCreateJob(deps: InstanceJobDeps): JobDefinition<CreateInput> {
  const { effects } = deps;
  return {
    type: 'create',
    version: 2,
    continues: [1],
    read: (input) => createInput.parse(input),
    convert: readOldCreate,
    parts: (i) => {
      const row = use('check', effects.row).ensure(
        () => i,
        () => ({ desired: 'made' }),
        { before: 'absent', isWithJob: true },
      );
      const place = use('place', effects.room).ensure(
        () => i,
        () => ({ asked: i.wanted }),
        { before: 'absent' },
      );
      const at = (s: State) => on(i, s.of(place).after?.serverId);
      const record = use('dns', effects.record).ensure(
        (s) => (at(s) === undefined ? undefined : i),
        (s) => presentAddresses(deps, { ...i, serverId: placeOf(s) }),
      );
      const placeOf = (s: State) => serverIdSchema.parse(s.of(place).after?.serverId);
      const pack = use('package', effects.pack).ensure(at, () => ({}));
      const files = use('setup', effects.files).ensure(at, (s) => ({ brought: s.of(pack).after }), { before: 'absent' });
      return [
        use('check', effects.customer).ensure(
          () => i.newCustomerId,
          () => ({}),
          { before: 'absent', isWithJob: true },
        ),
        row,
        look('check', { timeoutMs: 30_000, waiting: { code: 'check', parameters: {} } }, () => checkPlan(deps, i)),
        place,
        record,
        look(
          'dns',
          { timeoutMs: 120_000, waiting: { code: 'save', parameters: {} } },
          async (s, call) => {
            const written = s.of(record).after?.records ?? [];
            // the farm's own wildcard leads it: that was seen already
            if (written.length > 0)
              await untilAnswered(
                deps,
                await siteOf(deps, i),
                written.map(({ value }) => value),
                call,
              );
          },
          async (s, call) =>
            untilForgotten(
              deps,
              await siteOf(deps, i),
              everOurs(s.of(record)).map(({ value }) => value),
              call,
            ),
        ),
        pack,
        files,
        use('start', effects.process).ensure(at, () => ({ run: 'running', mustBeHealthy: true }), { before: 'absent' }),
        use('route', effects.certificate).ensure(
          (s) => {
            const server = at(s)?.serverId;
            return server === undefined ? undefined : { serverId: server, domainId: i.domainId };
          },
          () => ({}),
        ),
        use('route', effects.route).ensure(at, (s) => ({ shows: 'running', port: s.of(files).after?.port }), { before: 'absent' }),
        look('outside', { timeoutMs: 70_000, waiting: { code: 'check', parameters: {} } }, async (s, call) =>
          untilSeenOutside(deps, await placedSiteOf(deps, { ...i, serverId: placeOf(s) }), call),
        ),
        use('handover', effects.row).ensure(
          () => i,
          () => ({ desired: 'running' }),
          { before: { desired: 'made' } },
        ),
      ];
    },
  };
}

/** Name, plan and settings were checked before the job was made; here that they still hold. */
async function checkPlan(deps: InstanceJobDeps, i: CreateInput): Promise<void> {
  await siteOf(deps, i);
  const { manifest } = await deps.packages.manifest(i.packageId);
  const plan = await deps.store.plans.get(i.planId);
  if (plan === undefined || plan.packageId !== manifest.id)
    throw new FarmError('PLAN_NOT_OF_PACKAGE', { plan: plan?.key ?? i.planId, packageId: manifest.id });
}
