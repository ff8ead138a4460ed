import type { PackageView } from '#contract/api/packages.ts';
import type { Call } from './use-call.ts';
import { useCall } from './use-call.ts';
import { type Query, useQuery } from './use-query.ts';
import { useCore } from './use-core.ts';
import { useWords } from './use-words.ts';

/** The packages of this farm, in the language of the window. */
export function usePackages(): Query<{ readonly packages: readonly PackageView[] }> {
  const { language } = useWords();
  return useQuery(`packages.list.${language}`, (core) => core.packages.list({ language }), { freshMs: 60_000 });
}

/** An owner's agreement with what a package asks at this moment, or its end. Answers true when it stands as it was meant. */
export function useAgreement(changed: () => void): Call<[PackageView, 'agree' | 'withdraw'], boolean> {
  const core = useCore();
  return useCall(async (requestKey, { id, network }: PackageView, verb: 'agree' | 'withdraw') => {
    const { loopbackPorts, metadata } = network === undefined || verb === 'withdraw' ? { loopbackPorts: [], metadata: false } : network;
    await core.packages.agree({ requestKey, packageId: id, loopbackPorts, metadata });
    changed();
    return true;
  });
}
