import type { Totals } from '#contract/api/monitoring.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Panel } from '../../ui/panel.tsx';
import { StateMark } from '../../ui/state-mark.tsx';

/** An empty list of alerts is a good day, and says so. */
export function QuietDay({ totals }: { totals: Totals }) {
  const words = useWords();
  const format = useFormat();
  const { good, paused, working } = totals;
  const extra = [
    paused > 0 ? words('desk.quiet.paused', { count: paused }) : undefined,
    working > 0 ? words('desk.quiet.working', { count: working }) : undefined,
    words('desk.quiet.says'),
  ].filter((sentence) => sentence !== undefined);
  return (
    <Panel look="bare">
      <div className="quiet-day" data-state="good">
        <span className="quiet-mark">
          <StateMark state="good" coloured />
        </span>
        <div>
          <h2>{words('desk.quiet.title', { count: good, total: format.number(good) })}</h2>
          <p>{extra.join(' ')}</p>
        </div>
      </div>
    </Panel>
  );
}
