import type { SettingsView } from './settings-view.ts';

/** Whether a demo farm is to be had: `home`: not in this one, `computer`: not on the system on which the core runs. */
export type DemoChoice = 'open' | 'home' | 'computer';

/** Open until the core has said otherwise: it refuses in words, too. */
export function demoChoiceOf(settings: Pick<SettingsView, 'demo'> | undefined): DemoChoice {
  if (settings === undefined) return 'open';
  const { isPossible, isOffered } = settings.demo;
  if (!isPossible) return 'computer';
  return isOffered ? 'open' : 'home';
}
