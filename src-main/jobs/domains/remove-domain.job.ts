import { type JobDefinition, use } from '../../effects/effect.ts';
import { proof } from '../../engine/steps-of.ts';
import { type DomainInput, type DomainJobDeps, domainInput, ownZone } from './domain-job.ts';

/** The sentence knows one word for a certificate, wherever it is. */
const whatOf = (code: string): string => (code === 'wildcard-certificate' ? 'certificate' : code);

/**
 * From a domain that nobody uses to nothing, with a proof at the end. What was in the zone of another's name server before the farm came stays there.
 * Once its row has gone, and with it the credentials, it can only be continued.
 */
export function createRemoveDomainJob({ effects }: DomainJobDeps): JobDefinition<DomainInput> {
  return {
    type: 'remove-domain',
    version: 1,
    continues: [],
    read: (input) => domainInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      const parts = [
        use('check', effects.row).ensure(ref, () => ({ desired: 'leaving' }), { before: { desired: 'there' }, isWithJob: true }),
        use('records', effects.records).remove(ref),
        use('records', effects.wildcardRecord).remove(ref),
        use('records', effects.keptWildcard).remove(ref),
        use('servers', effects.certificates).remove(ref),
        use('zone', effects.zone).remove(() => ownZone(i)),
        use('row', effects.wildcardCertificate).remove(ref),
        use('row', effects.row).remove(ref, { isNoReturn: true }),
      ];
      return [...parts, proof(parts, i.name, { whatOf })];
    },
  };
}
