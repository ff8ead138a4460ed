import { useState } from 'react';
import type { KeeperView } from '#contract/api/settings.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { SettingRow } from '../../ui/setting-row.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import { Section } from './section.tsx';

function stateOf(keeper: KeeperView): { readonly state: 'good' | 'unknown'; readonly word: 'holds' | 'not' | 'away' } {
  if (keeper.holds) return { state: 'good', word: 'holds' };
  return keeper.isAvailable ? { state: 'unknown', word: 'not' } : { state: 'unknown', word: 'away' };
}

/** Which keepers can open the secrets of this farm, and a way to add one that a person remembers. */
export function KeepersSection({ keepers }: { keepers: readonly KeeperView[] }) {
  const words = useWords();
  const [isAdding, setAdding] = useState(false);
  return (
    <Section id="keepers" title={words('settings.keepers')} says={words('settings.keepers.says')}>
      {keepers.map((keeper) => {
        const { state, word } = stateOf(keeper);
        return (
          <SettingRow
            key={keeper.kind}
            title={words(`settings.keeper.${keeper.kind}`)}
            says={words.say(`settings.keeper.reason.${keeper.reason}`, { kind: keeper.kind })}
          >
            {keeper.kind === 'passphrase' && !keeper.holds ? (
              <Button onClick={() => setAdding(true)}>{words('settings.passphrase.add')}</Button>
            ) : (
              <StateChip state={state} look="plain">
                {words(`settings.keeper.${word}`)}
              </StateChip>
            )}
          </SettingRow>
        );
      })}
      {isAdding && <PassphraseDialog onClose={() => setAdding(false)} />}
    </Section>
  );
}
