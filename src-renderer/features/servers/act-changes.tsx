import type { RehearsalRequest } from '#contract/api/jobs.ts';
import { useRehearsal } from '../../lib/use-rehearsal.ts';
import { useWords } from '../../lib/use-words.ts';
import { drawnChange } from '../../ui/change-icons.ts';
import { ChangesList } from '../../ui/changes-list.tsx';

/** What exactly a server’s leaving will change, before it is confirmed. */
export function ActChanges({ act }: { act: RehearsalRequest }) {
  const words = useWords();
  const changes = useRehearsal(act);
  if (changes === undefined || changes.length === 0) return null;
  return <ChangesList label={words('wizard.change.title')} changes={changes.map(drawnChange)} />;
}
