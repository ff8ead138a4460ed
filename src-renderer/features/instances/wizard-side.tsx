import type { PlacementCandidate } from '#contract/api/placement.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/mirror.ts';
import { ChangesList, type Change } from '../../ui/changes-list.tsx';
import { Meter, MeterLegend } from '../../ui/meter.tsx';
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

function useChanges(draft: WizardDraft, model: WizardModel, host: string): readonly Change[] {
  const words = useWords();
  const format = useFormat();
  const { chosen, plan, certificate, domain } = model;
  const server = chosen?.serverName;
  const size = plan && { memory: sizeText(format, plan.limits.memoryBytes), disk: sizeText(format, plan.limits.diskBytes) };
  const isSent = chosen !== undefined && 'package' in chosen.reason && chosen.reason.package === 'to-send';
  const isNewCustomer = draft.customerName.trim() !== '' && model.customer.known === undefined;
  return [
    ...(server === undefined
      ? []
      : [
          {
            id: 'dns',
            icon: 'globe' as const,
            title: words('wizard.change.dns.title'),
            says: words('wizard.change.dns.says', { host, server }),
          },
        ]),
    ...(certificate !== undefined
      ? [
          {
            id: 'certificate',
            icon: 'shield-check' as const,
            title: words('wizard.change.certificate.title'),
            says: words('wizard.change.certificate.says', {
              name: `*.${domain?.name ?? ''}`,
              days: Math.max(0, Math.floor((certificate.notAfterMs - coreNowMs()) / DAY_MS)),
            }),
          },
        ]
      : []),
    ...(certificate === undefined && model.areCertificatesKnown && domain !== undefined
      ? [
          {
            id: 'certificate',
            icon: 'shield-check' as const,
            title: words('wizard.change.certificate.title'),
            says: words('wizard.change.certificate.none', { domain: domain.name }),
          },
        ]
      : []),
    {
      id: 'server',
      icon: 'server',
      title: server === undefined ? words('wizard.change.server.later') : words('wizard.change.server.title', { server }),
      says:
        size === undefined ? '–' : `${words('wizard.change.server.says', size)}${isSent ? ` ${words('wizard.change.server.send')}` : ''}`,
    },
    { id: 'edge', icon: 'route', title: words('wizard.change.edge.title'), says: words('wizard.change.edge.says', { host }) },
    ...(isNewCustomer
      ? [
          {
            id: 'customer',
            icon: 'user' as const,
            title: words('wizard.change.customer.title'),
            says: words('wizard.change.customer.says', { name: draft.customerName.trim() }),
          },
        ]
      : []),
    {
      id: 'untouched',
      icon: 'layers',
      title: words('wizard.change.untouched.title'),
      says: words('wizard.change.untouched.says'),
      isUntouched: true,
    },
  ];
}

/** What exactly will change, and how the server will stand afterwards. */
export function WizardSide({ draft, model, label }: { draft: WizardDraft; model: WizardModel; label: string }) {
  const words = useWords();
  // While the domains are being fetched there is only the label.
  const changes = useChanges(draft, model, [label, model.domain?.name].filter((part) => part !== undefined).join('.'));
  return (
    <>
      <ChangesList label={words('wizard.change.title')} changes={changes} />
      {model.chosen !== undefined && <After chosen={model.chosen} name={label} />}
    </>
  );
}
