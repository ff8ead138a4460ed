import { useSaidAlerts } from '../../lib/use-said-alerts.ts';
import { useWords } from '../../lib/use-words.ts';
import { AlertLines } from '../../ui/alert-list.tsx';

/** Everything that wants a person: worst first, each with one button that leads into its cure. */
export function DeskAlerts() {
  const words = useWords();
  return <AlertLines label={words('desk.alerts')} lines={useSaidAlerts()} />;
}
