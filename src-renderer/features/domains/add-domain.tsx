import type { DomainView } from '#contract/api/domains.ts';
import { dnsRequest, kindsOf } from '#contract/catalogue/providers.ts';
import { sayProvider } from '#words/say-provider.ts';
import type { Translate } from '#words/translate.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { useCore } from '../../lib/use-core.ts';
import { useCredentials } from '../../lib/use-credentials.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { usePageKeys } from '../../lib/use-page-keys.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useTakeAlong } from '../../lib/use-take-along.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { useDraft } from '../../stores/drafts.ts';
import { Button } from '../../ui/button.tsx';
import { type Change, ChangesList } from '../../ui/changes-list.tsx';
import { ChoiceCards } from '../../ui/choice-cards.tsx';
import { CredentialFields } from '../../ui/credential-fields.tsx';
import { Evidence } from '../../ui/fold.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { TakeAlong } from '../../ui/take-along.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import { Wizard } from '../../ui/wizard.tsx';
import { checkDomainDraft, type DomainDraft, isDomainName } from './domain-form.ts';

const kinds = kindsOf('dns');
type Props = { readonly domains: readonly DomainView[]; readonly onClose: () => void };

function nameProblem(words: Translate, { name }: DomainDraft, domains: readonly DomainView[]): string | undefined {
  if (name.trim() === '') return undefined;
  if (!isDomainName(name)) return words('domains.add.name.bad');
  const wanted = name.trim().replace(/\.$/, '').toLowerCase();
  return domains.some((domain) => domain.name === wanted) ? words('domains.add.name.taken') : undefined;
}

function useChanges(name: string): readonly Change[] {
  const words = useWords();
  const domain = name === '' ? '…' : name;
  return [
    { id: 'check', icon: 'globe', title: words('domains.add.changes.check.title'), says: words('domains.add.changes.check.says') },
    {
      id: 'certificate',
      icon: 'shield-check',
      title: words('domains.add.changes.certificate.title', { domain }),
      says: words('domains.add.changes.certificate.says'),
    },
    {
      id: 'zone',
      icon: 'lock',
      title: words('domains.add.changes.zone.title'),
      says: words('domains.add.changes.zone.says'),
      isUntouched: true,
    },
  ];
}

/** A domain and who serves it. The core asks the name server before anything is saved. */
export function AddDomain({ domains, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const [draft, change, drop] = useDraft('add-domain', checkDomainDraft);
  const add = useJobCall((requestKey, input: Omit<Parameters<typeof core.domains.add>[0], 'requestKey'>) =>
    core.domains.add({ requestKey, ...input }),
  );
  usePageTitle(words('domains.add.title'));
  usePageKeys({ Escape: () => !add.isBusy && onClose() });
  const problem = nameProblem(words, draft, domains);
  const credentials = useCredentials({
    kind: draft.kind,
    kept: (field) => draft.fields[`${draft.kind}.${field}`],
    keep: (field, typed) => change({ fields: { ...draft.fields, [`${draft.kind}.${field}`]: typed } }),
    isWhole: true,
  });
  const isNameGood = problem === undefined && isDomainName(draft.name);
  const off = isNameGood ? (credentials.state === 'good' ? undefined : words('domains.add.off.fields')) : words('domains.add.off.name');
  const name = draft.name.trim().replace(/\.$/, '').toLowerCase();
  const heading = words('domains.add.changes');
  const changes = useChanges(name);
  const about = name === '' ? [] : [name];
  const take = useTakeAlong({ title: words('domains.add.title'), about, heading, changes }, name);
  const submit = async (): Promise<void> => {
    if (off !== undefined || add.isBusy) return;
    const added = await add.run({ name, dns: dnsRequest.parse({ kind: draft.kind, ...credentials.values }) });
    if (added === undefined) return;
    drop();
    refreshQueries('domains.');
    refreshQueries('certificates.');
    onClose();
  };
  return (
    <Page width="bare">
      <Wizard
        sideTitle={heading}
        sideActs={<TakeAlong {...take} />}
        side={<ChangesList label={heading} changes={changes} />}
        foot={
          <div className="row">
            <Button
              look="primary"
              size="large"
              type="submit"
              keyHint="Enter"
              isBusy={add.isBusy}
              disabledReason={add.isBusy ? undefined : off}
            >
              {isNameGood ? words('domains.add.confirm', { domain: name }) : words('domains.add.confirm.unnamed')}
            </Button>
            <Button look="bare" size="large" onClick={onClose} keyHint="Esc">
              {words('domains.add.cancel')}
            </Button>
          </div>
        }
        onSubmit={() => void submit()}
      >
        <PageHead title={words('domains.add.title')} />
        {add.failure !== undefined && (
          <Verdict
            state="bad"
            title={words('domains.add.failed')}
            why={sayFailure(words, add.failure)}
            evidence={{ title: words('common.evidence'), content: <Evidence>{failureEvidence(add.failure)}</Evidence> }}
          />
        )}
        <TextField
          label={words('domains.add.name')}
          value={draft.name}
          onChange={(typed) => change({ name: typed })}
          icon="globe"
          autoFocus
          says={problem === undefined ? { text: words('domains.add.name.hint') } : { state: 'bad', text: problem }}
        />
        <FormField label={words('domains.add.kind')} kind="group">
          {({ labelId }) => (
            <ChoiceCards
              labelledBy={labelId}
              value={draft.kind}
              onChange={(id) => change({ kind: kinds.find((kind) => kind === id) ?? draft.kind })}
              choices={kinds.map((kind) => ({ id: kind, title: sayProvider(words, kind), says: words.say(`providers.${kind}.says`) }))}
            />
          )}
        </FormField>
        <CredentialFields fields={credentials.fields} onChange={credentials.onChange} />
      </Wizard>
    </Page>
  );
}
