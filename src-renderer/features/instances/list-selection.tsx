import { useState } from 'react';
import type { InstanceFilter, InstanceView } from '#contract/api/instances.ts';
import { actOnInstance } from '../../lib/end-of-job.ts';
import { codedFailure, sayFailure } from '../../lib/failure.ts';
import { newRequestKey } from '../../lib/request-key.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import type { Failure } from '#contract/errors.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useCopied } from '../../ui/copy-button.tsx';
import { SelectionBar } from '../../ui/filter-bar.tsx';
import { Progress } from '../../ui/progress.tsx';
import type { TableSelection } from '../../ui/table-selection.ts';
import { actIcons } from './act-menu.tsx';
import { collectSelected, mostSelected } from './collect-selected.ts';
import { type BulkAct, bulkActs, isAllowed } from './instance-acts.ts';

/** So many at once: enough to be quick, few enough that a server is not asked to start fifty applications in one second. */
const AT_ONCE = 3;

type Rehearsal = { readonly act: BulkAct; readonly able: readonly InstanceView[]; readonly skipped: number };
type Outcome = { readonly done: number; readonly failures: readonly Failure[] };

function Bulk({ act, able, skipped, onClose }: Rehearsal & { onClose: (isDone: boolean) => void }) {
  const words = useWords();
  const format = useFormat();
  const core = useCore();
  const [outcome, setOutcome] = useState<Outcome>();
  const count = able.length;
  const isRunning = outcome !== undefined && outcome.done + outcome.failures.length < count;
  const first = outcome?.failures[0];
  const start = async (): Promise<void> => {
    const left = [...able];
    let now: Outcome = { done: 0, failures: [] };
    setOutcome(now);
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        try {
          const { failure } = await actOnInstance(core, act, next.id, newRequestKey());
          now = failure === undefined ? { ...now, done: now.done + 1 } : { ...now, failures: [...now.failures, failure] };
        } catch (error) {
          now = { ...now, failures: [...now.failures, codedFailure(error)] };
        }
        setOutcome(now);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (now.failures.length === 0) onClose(true);
  };
  return (
    <ConfirmDialog
      isOpen
      title={words('instances.list.bulk.title', { act, count })}
      confirmText={words('instances.list.bulk.confirm', { act, count: format.number(count) })}
      keepText={words('instances.list.bulk.keep')}
      isBusy={isRunning}
      onConfirm={() => void start()}
      onClose={() => onClose(false)}
    >
      <p>{count === 0 ? words('instances.list.bulk.none', { act }) : words('instances.list.bulk.says', { act })}</p>
      {skipped > 0 && count > 0 && <p>{words('instances.list.bulk.skipped', { count: skipped })}</p>}
      {isRunning && (
        <>
          <p role="status">{words('instances.list.bulk.running', { done: format.number(outcome.done), count: format.number(count) })}</p>
          <Progress
            share={outcome.done / count}
            label={words('instances.list.bulk.running', { done: format.number(outcome.done), count: format.number(count) })}
          />
        </>
      )}
      {first !== undefined && outcome !== undefined && (
        <Banner state="bad" title={words('instances.list.bulk.failed', { count: outcome.failures.length })}>
          {sayFailure(words, first)}
        </Banner>
      )}
    </ConfirmDialog>
  );
}

export type ListSelectionProps = {
  readonly filter: InstanceFilter;
  readonly selection: TableSelection;
  readonly count: number;
  readonly onClear: () => void;
};

/** What can be done with the chosen rows. Each act is rehearsed: it is counted against the core's own state, and said, before anything is done. */
export function ListSelection({ filter, selection, count, onClear }: ListSelectionProps) {
  const words = useWords();
  const format = useFormat();
  const core = useCore();
  const host = useHost();
  const { isCopied, copy } = useCopied();
  const [rehearsal, setRehearsal] = useState<Rehearsal>();
  const collect = useCall((_key) => collectSelected(core, filter, selection));
  const tooMany = count > mostSelected ? words('instances.list.bulk.tooMany', { most: format.number(mostSelected) }) : undefined;
  const rehearse = async (act: BulkAct): Promise<void> => {
    const rows = await collect.run();
    if (rows === undefined) return;
    const able = rows.filter((row) => isAllowed(row, act));
    setRehearsal({ act, able, skipped: rows.length - able.length });
  };
  const copyAddresses = async (): Promise<void> => {
    const rows = await collect.run();
    if (rows !== undefined) copy(rows.map((row) => row.url).join('\n'), host.copyText);
  };
  return (
    <>
      <SelectionBar
        label={words('instances.list.selection')}
        text={words('instances.list.selected', { count })}
        acts={
          <>
            {bulkActs.map((act) => (
              <Button key={act} icon={actIcons[act]} disabledReason={tooMany} onClick={() => void rehearse(act)}>
                {words(`instances.act.${act}`)}
              </Button>
            ))}
            <Button icon={isCopied ? 'check' : 'copy'} disabledReason={tooMany} onClick={() => void copyAddresses()}>
              {words(isCopied ? 'instances.list.copied' : 'instances.list.copyAddresses')}
            </Button>
          </>
        }
        {...(collect.failure !== undefined && { note: sayFailure(words, collect.failure) })}
        clear={
          <Button keyHint="Esc" onClick={onClear}>
            {words('instances.list.clear')}
          </Button>
        }
      />
      {rehearsal !== undefined && (
        <Bulk
          {...rehearsal}
          onClose={(isDone) => {
            setRehearsal(undefined);
            if (isDone) onClear();
          }}
        />
      )}
    </>
  );
}
