import { useState } from 'react';
import { likelySystem, trustSteps, trustSystems } from './trust-steps.ts';
import { useWords } from './use-words.ts';

/** How to trust the site authority on the system that is chosen; the one that the person most probably sits at is chosen first. */
export function useTrustGuide() {
  const words = useWords();
  const [system, setSystem] = useState(() => likelySystem(navigator.userAgent));
  return {
    label: words('certificates.authority.systems'),
    choices: trustSystems.map((id) => ({ id, text: trustSteps(words, id).title })),
    value: system,
    onChange: (id: string) => setSystem(trustSystems.find((known) => known === id) ?? system),
    steps: trustSteps(words, system).steps,
  };
}
