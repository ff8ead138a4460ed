import { useState } from 'react';
import type { ServerId } from '#contract/ids.ts';
import type { Translate } from '#words/translate.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ChoiceCards } from '../../ui/choice-cards.tsx';
import { FormField, type FieldSays } from '../../ui/form-field.tsx';
import type { IconName } from '../../ui/icon-drawings.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Reasons, type Reason } from '../../ui/reasons.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { WizardAsks } from './wizard-asks.tsx';
import type { WizardDraft } from './wizard-draft.ts';
import type { WizardModel } from './wizard-model.ts';

export type FieldsProps = {
  readonly draft: WizardDraft;
  readonly change: (change: Partial<WizardDraft>) => void;
  readonly model: WizardModel;
};

function nameSays(words: Translate, { name }: WizardModel, take: (proposal: string) => void): FieldSays {
  if (name.kind === 'empty') return { text: words('wizard.name.hint') };
  if (name.kind === 'checking') return { state: 'working', text: words('wizard.name.checking') };
  // The host alone: where servers have ports of their own, the port is known only when the server is chosen for good.
  if (name.kind === 'free') return { state: 'good', text: words('wizard.name.free', { host: new URL(name.url).host }) };
  if (name.kind === 'unchecked')
    return { state: 'unknown', text: words('wizard.name.unchecked', { reason: sayFailure(words, name.failure) }) };
  const { proposal } = name;
  const sentence = sayFailure(words, name.failure);
  return {
    state: 'bad',
    text:
      proposal === undefined ? (
        sentence
      ) : (
        <>
          {sentence}{' '}
          <button type="button" className="link wizard-take" onClick={() => take(proposal)}>
            {words('wizard.name.take', { proposal })}
          </button>
        </>
      ),
  };
}

export function NameField({ draft, change, model }: FieldsProps) {
  const words = useWords();
  return (
    <>
      <TextField
        label={words('wizard.name')}
        value={draft.name}
        onChange={(name) => change({ name })}
        suffix={model.domain === undefined ? undefined : `.${model.domain.name}`}
        autoFocus
        says={nameSays(words, model, (name) => change({ name }))}
      />
      {model.domains.length > 1 && (
        <SelectField
          label={words('wizard.domain')}
          options={model.domains.map(({ id, name }) => ({ id, text: name }))}
          value={model.domain?.id ?? null}
          onChange={(id) => {
            const found = model.domains.find((domain) => domain.id === id);
            if (found !== undefined) change({ domainId: found.id });
          }}
        />
      )}
    </>
  );
}

export function CustomerFields({ draft, change, model }: FieldsProps) {
  const words = useWords();
  const { known, suggestions } = model.customer;
  const isNamed = draft.customerName.trim() !== '';
  const suffix = !isNamed
    ? undefined
    : known === undefined
      ? words('wizard.customer.new')
      : words('wizard.customer.known', { instances: known.instances });
  return (
    <>
      <TextField
        label={words('wizard.customer')}
        note={words('wizard.optional')}
        icon="user"
        value={draft.customerName}
        onChange={(customerName) => change({ customerName, customerId: undefined })}
        suffix={suffix}
        says={
          suggestions.length === 0 || known !== undefined
            ? { text: words('wizard.customer.hint') }
            : {
                text: (
                  <span className="wizard-suggestions">
                    {words('wizard.customer.suggestions')}
                    {suggestions.slice(0, 3).map((customer) => (
                      <button
                        key={customer.id}
                        type="button"
                        className="link wizard-take"
                        onClick={() => change({ customerName: customer.name, customerId: customer.id, language: customer.language })}
                      >
                        {escapeText(customer.name)}
                      </button>
                    ))}
                  </span>
                ),
              }
        }
      />
      {isNamed && (
        <SelectField
          label={words('wizard.language')}
          value={known?.language ?? draft.language ?? words.language}
          onChange={(id) => change({ language: id === 'ru' ? 'ru' : 'en' })}
          options={[
            { id: 'en', text: words('wizard.language.en') },
            { id: 'ru', text: words('wizard.language.ru') },
          ]}
          says={known === undefined ? undefined : { text: words('wizard.language.known') }}
        />
      )}
    </>
  );
}

/** A glyph for what an application is; its own logo stands in the manifest and is shown where there is room for it. */
const glyphs: Readonly<Record<string, IconName>> = { tiddlywiki: 'square-pen', 'static-site': 'folder-open' };

export function ApplicationFields({ change, model }: FieldsProps) {
  const words = useWords();
  const format = useFormat();
  if (model.packages === undefined) {
    return model.failure === undefined ? (
      <SkeletonRows label={words('wizard.application.loading')} />
    ) : (
      <Banner state="bad" title={sayFailure(words, model.failure)} />
    );
  }
  if (model.application === undefined) return <Banner state="warning" title={words('wizard.application.none')} />;
  const { application, packages, plan } = model;
  return (
    <>
      <FormField label={words('wizard.application')} kind="group">
        {({ labelId }) => (
          <ChoiceCards
            labelledBy={labelId}
            value={application.id}
            onChange={(id) => {
              const found = packages.find((one) => one.id === id);
              if (found !== undefined) change({ packageId: found.id, planId: undefined, serverId: undefined });
            }}
            choices={packages.map((one) => ({
              id: one.id,
              icon: glyphs[one.id] ?? 'box',
              title: one.name,
              says: `${one.summary}\n${one.version}`,
            }))}
          />
        )}
      </FormField>
      <WizardAsks key={application.id} application={application} onAgreed={model.refreshPackages} />
      <FormField label={words('wizard.plan')} kind="group" says={{ text: words('wizard.plan.hint') }}>
        {({ labelId }) => (
          <ChoiceCards
            labelledBy={labelId}
            value={plan?.id ?? null}
            onChange={(id) => {
              const found = application.plans.find((one) => one.id === id);
              if (found !== undefined) change({ planId: found.id });
            }}
            choices={application.plans.map((one) => ({
              id: one.id,
              title: one.key === one.name ? one.key : `${one.key} · ${one.name}`,
              says: words('wizard.plan.says', {
                memory: sizeText(format, one.limits.memoryBytes),
                disk: sizeText(format, one.limits.diskBytes),
              }),
            }))}
          />
        )}
      </FormField>
    </>
  );
}

type ParametersProps = {
  readonly model: WizardModel;
  readonly typed: Readonly<Record<string, string>>;
  readonly onType: (id: string, text: string) => void;
};

export function ParameterFields({ model, typed, onType }: ParametersProps) {
  const words = useWords();
  const { fields, application, problems } = model;
  if (fields.length === 0 || application === undefined) return null;
  return (
    <>
      {fields.map((field) => {
        const value = typed[field.id] ?? field.initial;
        const problem = problems[field.id];
        const isShownBad = problem !== undefined && (typed[field.id] ?? '') !== '';
        const hint = field.isGenerated ? words('wizard.parameter.generated') : field.description;
        const says: FieldSays | undefined = isShownBad ? { state: 'bad', text: problem } : hint === undefined ? undefined : { text: hint };
        const onChange = (text: string): void => onType(field.id, text);
        const label = field.title;
        if (field.kind === 'switch') {
          return (
            <FormField key={field.id} label={label} kind="group" says={says}>
              {() => <Switch label={label} isOn={value === 'true'} onChange={(isOn) => onChange(String(isOn))} />}
            </FormField>
          );
        }
        if (field.kind === 'choice') {
          const options = (field.schema.enum ?? []).map((id) => ({ id, text: id }));
          return (
            <SelectField
              key={field.id}
              label={label}
              options={options}
              value={value === '' ? null : value}
              onChange={onChange}
              says={says}
            />
          );
        }
        return (
          <TextField
            key={field.id}
            label={label}
            value={value}
            onChange={onChange}
            says={says}
            type={field.kind === 'secret' ? 'password' : 'text'}
            autoComplete={field.kind === 'secret' ? 'new-password' : 'off'}
            inputMode={field.kind === 'number' ? 'numeric' : 'text'}
            {...(!field.isRequired || field.isGenerated ? { note: words('wizard.optional') } : {})}
          />
        );
      })}
    </>
  );
}

const SHOWN_AT_FIRST = 4;

export function ServerField({ draft, change, model }: FieldsProps) {
  const words = useWords();
  const [isWhole, setWhole] = useState(false);
  const { proposal, chosen } = model;
  if (proposal === undefined) {
    return (
      <FormField label={words('wizard.server')} kind="group">
        {() =>
          model.proposalFailure === undefined ? (
            <SkeletonRows label={words('wizard.server.loading')} />
          ) : (
            <Banner state="bad" title={sayFailure(words, model.proposalFailure)} />
          )
        }
      </FormField>
    );
  }
  const reasons: Reason[] = proposal.candidates.map(({ serverId, serverName, verdict, reason }) => ({
    id: serverId,
    name: serverName,
    says: words.say(`placement.reason.${reason.code}`, reason),
    ...(verdict === 'refused' && {
      notBecause: reason.code === 'draining' || reason.code === 'maintenance' ? ('paused' as const) : ('warning' as const),
    }),
  }));
  const shown = isWhole ? reasons : reasons.filter((reason, index) => index < SHOWN_AT_FIRST || reason.id === chosen?.serverId);
  const measured = proposal.candidates.find(({ serverId }) => serverId === chosen?.serverId)?.measuredAtMs;
  const take = (id: string): void => {
    const found = proposal.candidates.find(({ serverId }) => serverId === id);
    if (found !== undefined) change({ serverId: found.serverId === proposal.chosen ? undefined : (found.serverId satisfies ServerId) });
  };
  return (
    <FormField
      label={words('wizard.server')}
      note={
        measured === undefined ? undefined : (
          <>
            {words('servers.page.measured')} <RelativeTime timeMs={measured} />
          </>
        )
      }
      kind="group"
    >
      {({ labelId }) => (
        <>
          {reasons.length > 0 && (
            <Reasons labelledBy={labelId} value={chosen?.serverId ?? draft.serverId ?? null} onChange={take} reasons={shown} />
          )}
          {chosen === undefined && (
            <Banner
              state="warning"
              title={words(reasons.length === 0 ? 'wizard.server.noneYet' : 'wizard.server.none')}
              acts={
                <Button icon="plus" href={paths.addServer}>
                  {words('wizard.server.add')}
                </Button>
              }
            />
          )}
          {shown.length < reasons.length && (
            <button type="button" className="link wizard-take" onClick={() => setWhole(true)}>
              {words('wizard.server.all', { count: reasons.length - shown.length })}
            </button>
          )}
        </>
      )}
    </FormField>
  );
}
