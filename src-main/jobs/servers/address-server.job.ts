import { untilAnswered } from '../../checks/dns-answers.ts';
import { siteOf } from '../../checks/site.ts';
import { type JobDefinition, look, use } from '../../effects/effect.ts';
import { movingWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { planAddresses } from './plan-addresses.ts';
import { type AddressServerInput, addressServerInput, type ServerJobDeps } from './server-job.ts';

/** How long the name servers may take for one name. */
const answerMs = 120_000;

/**
 * The public addresses of a server change, and the names of its instances follow: the row first, so that whoever comes meanwhile is led to the new ones,
 * then one record after the other. Continued or undone, all of them end at one of the two. An instance that the farm's wildcard leads elsewhere gets a
 * record of its own, and the wildcard follows when everybody has one: until then its row claims the former and the new addresses, so that nobody relies on it.
 */
export function createAddressServerJob(deps: ServerJobDeps): JobDefinition<AddressServerInput> {
  const { effects } = deps;
  return {
    type: 'address-server',
    version: 2,
    continues: [1],
    begin: { plan: (asked) => planAddresses(deps, asked) },
    read: (input) => addressServerInput.parse(input),
    parts: (i) => {
      const values = publicAddressesOf({ publicAddresses: i.after });
      const records = i.instances.map((ref) => ({
        ref,
        part: use('records', effects.record).ensure(
          () => ref,
          () => ({ addresses: values, server: i.name }),
          { key: `record ${ref.instanceId}` },
        ),
      }));
      const wildcards = i.wildcards.map((ref) => ({ ref, withJob: movingWildcard(ref.kept, values) }));
      return [
        use('row', effects.addresses).ensure(
          () => i,
          () => ({ addresses: i.after }),
          { before: { addresses: i.before }, isWithJob: true },
        ),
        ...wildcards.map(({ ref, withJob }) =>
          use('row', effects.keptWildcard).ensure(
            () => ref,
            () => withJob,
            { before: ref.kept, isWithJob: true, key: `kept-wildcard ${ref.domainId}` },
          ),
        ),
        ...records.map(({ part }) => part),
        look(
          'records',
          { timeoutMs: Math.max(1, i.instances.length) * answerMs, waiting: { code: 'save', parameters: {} } },
          async (_s, call) => {
            for (const { ref } of records) await untilAnswered(deps, await siteOf(deps, ref), values, call);
          },
          async (s, call) => {
            for (const { ref, part } of records) {
              const { before } = s.of(part);
              if (typeof before !== 'object') continue;
              const former = before.led ?? before.records.map(({ value }) => value);
              await untilAnswered(deps, await siteOf(deps, ref), former, call);
            }
          },
        ),
        ...wildcards.map(({ ref }) =>
          use('wildcard', effects.wildcardRecord).ensure(
            () => ref,
            () => ({ values }),
            { key: `wildcard-record ${ref.domainId}` },
          ),
        ),
        ...wildcards.map(({ ref, withJob }) =>
          use('rely', effects.keptWildcard).ensure(
            () => ref,
            () => ({ ...ref.kept, values }),
            { before: withJob, key: `kept-wildcard ${ref.domainId}` },
          ),
        ),
      ];
    },
  };
}
