import type { PlacementCandidate } from '#contract/api/placement.ts';
import { type SaidChange, sayCreateChanges } from '#words/say-create-changes.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useTakeAlong } from '../../lib/use-take-along.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/mirror.ts';
import { ChangesList } from '../../ui/changes-list.tsx';
import type { IconName } from '../../ui/icon-drawings.tsx';
import { Meter, MeterLegend } from '../../ui/meter.tsx';
import { TakeAlong } from '../../ui/take-along.tsx';
import { WizardAfter } from '../../ui/wizard.tsx';
import type { WizardDraft } from './wizard-draft.ts';
import type { WizardModel } from './wizard-model.ts';

const DAY_MS = 86_400_000;

function After({ chosen, name }: { chosen: PlacementCandidate; name: string }) {
  const words = useWords();
  const format = useFormat();
  const whole = Math.max(1, chosen.capacity.memoryBytes);
  const promised = chosen.promisedAfter.memoryBytes / whole;
  const now = chosen.now === undefined ? null : chosen.now.memoryBytes / whole;
  const peak = chosen.busiest === undefined ? undefined : chosen.busiest.memoryBytes / whole;
  const percent = (share: number): number => Math.round(share * 100);
  const nowText = now === null ? words('wizard.after.unmeasured') : words('wizard.after.now', { percent: percent(now) });
  const promisedText = words('wizard.after.promised', { percent: percent(promised) });
  const peakText = peak === undefined ? words('wizard.after.noBusiest') : words('wizard.after.busiest', { percent: percent(peak) });
  return (
    <WizardAfter
      title={words('wizard.after.title', { server: chosen.serverName, name })}
      value={words('wizard.after.value', { percent: percent(promised), size: sizeText(format, whole) })}
    >
      <Meter now={now} promised={promised} peak={peak} isWide label={`${nowText}, ${promisedText}, ${peakText}`} />
      <MeterLegend now={nowText} promised={promisedText} peak={peakText} />
    </WizardAfter>
  );
}

const icons: Record<SaidChange['id'], IconName> = {
  dns: 'globe',
  certificate: 'shield-check',
  server: 'server',
  edge: 'route',
  customer: 'user',
  untouched: 'layers',
};

/** What will change, by what is typed and known so far. */
export function useCreateChanges(draft: WizardDraft, model: WizardModel, host: string): readonly SaidChange[] {
  const words = useWords();
  const format = useFormat();
  const { chosen, plan, certificate } = model;
  const customer = draft.customerName.trim();
  const days = certificate && Math.max(0, Math.floor((certificate.notAfterMs - coreNowMs()) / DAY_MS));
  return sayCreateChanges(words, {
    host,
    domain: model.domain?.name,
    server: chosen?.serverName,
    size: plan && { memory: sizeText(format, plan.limits.memoryBytes), disk: sizeText(format, plan.limits.diskBytes) },
    isPackageSent: chosen !== undefined && 'package' in chosen.reason && chosen.reason.package === 'to-send',
    certificate: days === undefined ? (model.areCertificatesKnown ? 'missing' : undefined) : { days },
    newCustomer: customer !== '' && model.customer.known === undefined ? customer : undefined,
  });
}

type SideProps = { readonly changes: readonly SaidChange[]; readonly model: WizardModel; readonly label: string };

/** What exactly will change, and how the server will stand afterwards. */
export function WizardSide({ changes, model, label }: SideProps) {
  const words = useWords();
  const listed = changes.map((change) => ({ ...change, icon: icons[change.id], isUntouched: change.id === 'untouched' }));
  return (
    <>
      <ChangesList label={words('wizard.change.title')} changes={listed} />
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
