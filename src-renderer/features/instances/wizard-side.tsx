import type { PlacementCandidate } from '#contract/api/placement.ts';
import { sizeText } from '../../lib/format/size.ts';
import { type SaidChange, useRehearsal } from '../../lib/use-rehearsal.ts';
import { useTakeAlong } from '../../lib/use-take-along.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { drawnChange } from '../../ui/change-icons.ts';
import { ChangesList } from '../../ui/changes-list.tsx';
import { Meter, MeterLegend } from '../../ui/meter.tsx';
import { TakeAlong } from '../../ui/take-along.tsx';
import { WizardAfter } from '../../ui/wizard.tsx';
import type { WizardDraft } from './wizard-draft.ts';
import type { WizardModel } from './wizard-model.ts';

function After({ chosen, name }: { chosen: PlacementCandidate; name: string }) {
  const words = useWords();
  const format = useFormat();
  const whole = Math.max(1, chosen.capacity.memoryBytes);
  const reserved = chosen.promisedAfter.memoryBytes / whole;
  const nowBytes = chosen.now?.memoryBytes;
  const peakBytes = chosen.busiest?.memoryBytes;
  const now = nowBytes === undefined ? null : nowBytes / whole;
  const peak = peakBytes === undefined ? undefined : peakBytes / whole;
  const percent = (share: number): number => Math.round(share * 100);
  const nowText = now === null ? words('wizard.after.unmeasured') : words('wizard.after.now', { percent: percent(now) });
  const reservedText = words('wizard.after.promised', { percent: percent(reserved) });
  const peakText = peak === undefined ? words('wizard.after.noBusiest') : words('wizard.after.busiest', { percent: percent(peak) });
  return (
    <WizardAfter
      title={words('wizard.after.title', { server: chosen.serverName, name })}
      value={words('wizard.after.value', { percent: percent(reserved), size: sizeText(format, whole) })}
    >
      <Meter now={now} reserved={reserved} peak={peak} isWide label={`${nowText}, ${reservedText}, ${peakText}`} />
      <MeterLegend now={nowText} reserved={reservedText} peak={peakText} />
    </WizardAfter>
  );
}

/** What will change, as the core derives it from what is typed and known so far; and what will not. */
export function useCreateChanges(draft: WizardDraft, model: WizardModel, label: string): readonly SaidChange[] {
  const words = useWords();
  const { application, plan, chosen, proposal, domain } = model;
  const customer = draft.customerName.trim();
  const said = useRehearsal(
    application &&
      plan && {
        type: 'create',
        name: label,
        packageId: application.id,
        planId: plan.id,
        ...(domain !== undefined && { domainId: domain.id }),
        ...(chosen !== undefined && chosen.serverId !== proposal?.chosen && { serverId: chosen.serverId }),
        ...(customer !== '' && { customer: { ...(model.customer.known && { id: model.customer.known.id }), name: customer } }),
      },
  );
  const untouched = {
    id: 'untouched',
    kind: 'untouched',
    title: words('wizard.change.untouched.title'),
    says: words('wizard.change.untouched.says'),
  };
  return [...(said ?? []), untouched];
}

type SideProps = { readonly changes: readonly SaidChange[]; readonly model: WizardModel; readonly label: string };

/** What exactly will change, and how the server will stand afterwards. */
export function WizardSide({ changes, model, label }: SideProps) {
  const words = useWords();
  return (
    <>
      <ChangesList label={words('wizard.change.title')} changes={changes.map(drawnChange)} />
      {model.chosen !== undefined && <After chosen={model.chosen} name={label} />}
    </>
  );
}

type TakeProps = SideProps & { readonly draft: WizardDraft; readonly host: string };

/** The same to take along, with the server's reason. */
export function TakeChanges({ changes, model, draft, label, host }: TakeProps) {
  const words = useWords();
  const { application, plan, chosen } = model;
  const customer = draft.customerName.trim();
  const why = chosen && words.say(`placement.reason.${chosen.reason.code}`, chosen.reason);
  const taken = {
    title: words('wizard.title'),
    about: [
      host,
      ...(application && plan ? [words('wizard.take.application', { application: application.name, plan: plan.name })] : []),
      ...(customer === '' ? [] : [words('wizard.take.customer', { customer })]),
    ],
    heading: words('wizard.change.title'),
    changes,
    more: chosen && why ? [{ title: words('wizard.running.why', { server: chosen.serverName }), says: why }] : [],
  };
  return <TakeAlong {...useTakeAlong(taken, label)} />;
}
