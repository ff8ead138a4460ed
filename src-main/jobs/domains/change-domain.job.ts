import { type JobDefinition, look, use } from '../../effects/effect.ts';
import { type ChangeInput, changeInput, type DomainJobDeps } from './domain-job.ts';

/** Another key, address or name servers for a domain. They were asked before they were saved; here the farm's own driver takes them up. */
export function createChangeDomainJob({ effects, dns }: DomainJobDeps): JobDefinition<ChangeInput> {
  return {
    type: 'change-domain',
    version: 1,
    continues: [],
    read: (input) => changeInput.parse(input),
    parts: (i) => [
      use('save', effects.access).ensure(
        () => i,
        () => i.after,
        { before: i.before, isWithJob: true },
      ),
      look('reach', { timeoutMs: 30_000, waiting: { code: 'dns-write', parameters: { domain: i.name } } }, async (_state, { signal }) => {
        dns.forget(i.domainId);
        await (await dns.driver(i.domainId)).findZone(i.name, { signal });
      }),
    ],
  };
}
