import { useSaidWorries } from '../../lib/use-said-worries.ts';
import { useWords } from '../../lib/use-words.ts';
import { WorryLines } from '../../ui/worry-list.tsx';

/** Everything that wants a person: worst first, each with one button that leads into its cure. */
export function DeskWorries() {
  const words = useWords();
  return <WorryLines label={words('desk.worries')} lines={useSaidWorries()} />;
}
