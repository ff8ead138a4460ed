import { type JobDefinition, use } from '../../effects/effect.ts';
import { type DomainInput, type DomainJobDeps, domainInput, ownZone } from './domain-job.ts';

/** From a name, whose name server was asked already, to a domain below which instances can stand: nobody begins one before its certificate is there. */
export function createAddDomainJob({ effects }: DomainJobDeps): JobDefinition<DomainInput> {
  return {
    type: 'add-domain',
    version: 1,
    continues: [],
    read: (input) => domainInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      return [
        use('check', effects.row).ensure(ref, () => ({ desired: 'adding' }), { before: 'absent', isWithJob: true }),
        use('zone', effects.zone).ensure(
          () => ownZone(i),
          () => ({}),
        ),
        use('certificate', effects.authority).ensure(ref, () => ({ covers: true })),
        use('certificate', effects.wildcardCertificate).ensure(ref, () => ({ replaces: null }), { before: 'absent' }),
        use('servers', effects.certificates).ensure(ref, () => ({}), { before: 'absent' }),
        use('ready', effects.row).ensure(ref, () => ({ desired: 'there' }), { before: { desired: 'adding' } }),
        // from here on a server that comes back is given it by itself; one that came back since the step before has missed it
        use('ready', effects.certificates).ensure(ref, () => ({}), { before: 'absent' }),
      ];
    },
  };
}
