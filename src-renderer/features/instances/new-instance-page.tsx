import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import type { Translate } from '#words/translate.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { usePageKeys } from '../../lib/use-page-keys.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { setDraft, useDraft } from '../../stores/drafts.ts';
import { Button } from '../../ui/button.tsx';
import { Evidence } from '../../ui/fold.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import { Wizard } from '../../ui/wizard.tsx';
import { type Begun, CreateProgress } from './create-progress.tsx';
import { valuesOf } from './parameter-form.ts';
import { checkDraft, isTouched, type WizardDraft } from './wizard-draft.ts';
import { TrustWarning } from './trust-warning.tsx';
import { isUnagreed } from './wizard-asks.tsx';
import { ApplicationFields, CustomerFields, NameField, ParameterFields, ServerField } from './wizard-fields.tsx';
import { useWizardModel, type WizardModel } from './wizard-model.ts';
import { TakeChanges, useCreateChanges, WizardSide } from './wizard-side.tsx';
import './instances.css';

/* The person wants an address that works, now. First seen: one field, the name. What may go wrong: a taken name (told while typing, with
   another one), no room anywhere (said, with the way out), a click too many (what changes is listed before it, and can be undone after). */

function whyOff(words: Translate, model: WizardModel): string | undefined {
  if (model.name.kind === 'empty' || model.name.kind === 'refused' || model.name.kind === 'checking')
    return words('wizard.create.off.name');
  if (model.application === undefined || model.plan === undefined) return words('wizard.create.off.application');
  if (isUnagreed(model.application)) return words('wizard.create.off.agreement');
  if (Object.values(model.problems).some((problem) => problem !== undefined)) return words('wizard.create.off.parameters');
  return model.chosen === undefined ? words('wizard.create.off.server') : undefined;
}

/** The label that the address will have: as the core read it, else as it was typed. */
function labelOf(draft: WizardDraft, { name }: WizardModel): string {
  if (name.kind === 'free') return name.label;
  return draft.name.trim();
}

function customerOf(draft: WizardDraft, model: WizardModel, words: Translate) {
  const name = draft.customerName.trim();
  const { known } = model.customer;
  if (name === '') return undefined;
  if (known !== undefined) return { id: known.id, name: known.name };
  return { name, language: draft.language ?? words.language };
}

type FormProps = { readonly onBegun: (begun: Begun, job: JobView, draft: WizardDraft) => void };

function Form({ onBegun }: FormProps) {
  const words = useWords();
  const format = useFormat();
  const core = useCore();
  const [draft, change, drop] = useDraft('new-instance', checkDraft);
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [wasKept] = useState(() => isTouched(draft));
  const typed = { ...draft.parameters, ...secrets };
  const model = useWizardModel(draft, typed);
  const create = useCall((requestKey, input: Omit<Parameters<typeof core.instances.create>[0], 'requestKey'>) =>
    core.instances.create({ requestKey, ...input }),
  );
  usePageTitle(words('wizard.title'));
  usePageKeys({ Escape: () => goTo(paths.instances) });
  const off = whyOff(words, model);
  const label = labelOf(draft, model);
  const onType = (id: string, text: string): void => {
    const isSecret = model.fields.find((field) => field.id === id)?.isSecret === true;
    if (isSecret) setSecrets((before) => ({ ...before, [id]: text }));
    else change({ parameters: { ...draft.parameters, [id]: text } });
  };
  const submit = async (): Promise<void> => {
    const { application, plan, domain, chosen, proposal } = model;
    if (off !== undefined || application === undefined || plan === undefined) return;
    const customer = customerOf(draft, model, words);
    const parameters = valuesOf(model.fields, typed);
    const job = await create.run({
      name: label,
      packageId: application.id,
      planId: plan.id,
      ...(domain !== undefined && { domainId: domain.id }),
      // The core places by itself, with what it knows at that moment, unless the person chose another server.
      ...(chosen !== undefined && chosen.serverId !== proposal?.chosen && { serverId: chosen.serverId }),
      ...(customer !== undefined && { customer }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
    });
    if (job === undefined) return;
    onBegun({ jobId: job.id, name: label, host: `${label}.${domain?.name ?? ''}`, customer: customer?.name, chosen }, job, draft);
    drop();
  };
  const fields = { draft, change, model };
  const shown = label === '' ? words('wizard.nameless') : label;
  // While the domains are being fetched there is only the label.
  const host = [shown, model.domain?.name].filter((part) => part !== undefined).join('.');
  const changes = useCreateChanges(draft, model, shown);
  return (
    <Page width="bare">
      <Wizard
        sideTitle={words('wizard.change.title')}
        sideActs={<TakeChanges changes={changes} model={model} draft={draft} label={shown} host={host} />}
        side={<WizardSide changes={changes} model={model} label={shown} />}
        foot={
          <>
            {model.certificate?.isPubliclyTrusted === false && <TrustWarning />}
            <p>
              {model.proposal?.usuallyMs === undefined
                ? words('wizard.takes.unknown')
                : words('wizard.takes', { duration: format.duration(model.proposal.usuallyMs) })}
            </p>
            <div className="row">
              <Button
                look="primary"
                size="large"
                type="submit"
                keyHint="Enter"
                isBusy={create.isBusy}
                disabledReason={create.isBusy ? undefined : off}
              >
                {model.name.kind === 'free' ? words('wizard.create', { name: label }) : words('wizard.create.unnamed')}
              </Button>
              <Button look="bare" size="large" href={paths.instances}>
                {words('wizard.cancel')}
              </Button>
            </div>
            <p className="small faint">
              {words(wasKept && isTouched(draft) ? 'wizard.draft.restored' : 'wizard.draft')}{' '}
              {isTouched(draft) && (
                <button type="button" className="link wizard-take" onClick={drop}>
                  {words('wizard.draft.clear')}
                </button>
              )}
            </p>
          </>
        }
        onSubmit={() => void submit()}
      >
        <PageHead
          crumbs={[{ text: words('instances.list.title'), href: paths.instances }, { text: words('wizard.crumb') }]}
          crumbsLabel={words('wizard.crumbs')}
          title={words('wizard.title')}
        />
        {create.failure !== undefined && (
          <Verdict
            state="bad"
            title={words('wizard.refused')}
            why={sayFailure(words, create.failure)}
            evidence={{ title: words('common.evidence'), content: <Evidence>{failureEvidence(create.failure)}</Evidence> }}
          />
        )}
        <NameField {...fields} />
        <CustomerFields {...fields} />
        <ApplicationFields {...fields} />
        <ParameterFields model={model} typed={typed} onType={onType} />
        <ServerField {...fields} />
      </Wizard>
    </Page>
  );
}

export function NewInstancePage() {
  const [running, setRunning] = useState<{ readonly begun: Begun; readonly job: JobView; readonly draft: WizardDraft }>();
  if (running === undefined) return <Form onBegun={(begun, job, draft) => setRunning({ begun, job, draft })} />;
  const back = (): void => {
    // What was typed comes back; it was dropped when the job began, so that the next form begins empty.
    setDraft('new-instance', running.draft);
    setRunning(undefined);
  };
  return <CreateProgress begun={running.begun} first={running.job} onBack={back} />;
}
