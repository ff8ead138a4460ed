import { useEffect, useState } from 'react';
import type { CertificateView } from '#contract/api/certificates.ts';
import type { CustomerView } from '#contract/api/customers.ts';
import type { DomainView } from '#contract/api/domains.ts';
import type { PackageView, PlanView } from '#contract/api/packages.ts';
import type { PlacementCandidate, PlacementProposal } from '#contract/api/placement.ts';
import type { Failure } from '#contract/errors.ts';
import { usePackages } from '../../lib/use-packages.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { type ParameterField, fieldsOf, problemOf } from './parameter-form.ts';
import type { WizardDraft } from './wizard-draft.ts';

/** Short enough to be felt as at once, long enough that a typed word is asked once. */
const TYPING_MS = 180;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export type NameVerdict =
  | { readonly kind: 'empty' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'free'; readonly label: string; readonly url: string }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly proposal: string | undefined }
  /** The core could not be asked; it will check again before anything is made. */
  | { readonly kind: 'unchecked'; readonly failure: Failure };

function useNameVerdict(name: string, domainId: DomainView['id'] | undefined): NameVerdict {
  const typed = name.trim();
  const settled = useSettled(typed);
  const answer = useQuery(
    settled === '' ? undefined : `instances.checkName.${domainId ?? ''}.${settled}`,
    (core, options) => core.instances.checkName({ name: settled, ...(domainId !== undefined && { domainId }) }, options),
    { freshMs: 2_000 },
  );
  if (typed === '') return { kind: 'empty' };
  if (settled !== typed) return { kind: 'checking' };
  if (answer.data === undefined)
    return answer.failure === undefined ? { kind: 'checking' } : { kind: 'unchecked', failure: answer.failure };
  const found = answer.data;
  if (found.verdict === 'free') return { kind: 'free', label: found.label, url: found.url };
  return { kind: 'refused', failure: { code: found.code, parameters: found.parameters }, proposal: found.proposal };
}

function useCustomers(draft: WizardDraft) {
  const typed = draft.customerName.trim();
  const settled = useSettled(typed);
  const found = useQuery(
    settled === '' ? undefined : `customers.list.${settled}`,
    (core, options) => core.customers.list({ text: settled, limit: 6 }, options),
    {
      freshMs: 5_000,
    },
  );
  const customers = typed === settled ? (found.data?.customers ?? []) : [];
  const same = (customer: CustomerView): boolean => customer.name.trim().toLowerCase() === typed.toLowerCase();
  const known = customers.find((customer) => customer.id === draft.customerId && same(customer)) ?? customers.find(same);
  return { known, suggestions: customers.filter((customer) => customer !== known) };
}

export type WizardModel = {
  readonly packages: readonly PackageView[] | undefined;
  readonly refreshPackages: () => void;
  readonly failure: Failure | undefined;
  readonly application: PackageView | undefined;
  readonly plan: PlanView | undefined;
  readonly domains: readonly DomainView[];
  readonly domain: DomainView | undefined;
  /** Covers addresses of the domain. */
  readonly certificate: CertificateView | undefined;
  readonly areCertificatesKnown: boolean;
  readonly name: NameVerdict;
  readonly customer: { readonly known: CustomerView | undefined; readonly suggestions: readonly CustomerView[] };
  readonly fields: readonly ParameterField[];
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly proposal: PlacementProposal | undefined;
  readonly proposalAtMs: number | undefined;
  readonly proposalFailure: Failure | undefined;
  /** The server that will be taken: the person's choice as long as it can be taken, else the proposal. */
  readonly chosen: PlacementCandidate | undefined;
};

/** Everything that the form shows, from what was typed and what the core answers. */
export function useWizardModel(draft: WizardDraft, typed: Readonly<Record<string, string>>): WizardModel {
  const words = useWords();
  const packages = usePackages();
  const domains = useQuery('domains.list', (core) => core.domains.list(), { freshMs: 10_000 });
  const certificates = useQuery('certificates.list', (core) => core.certificates.list(), { freshMs: 60_000 });
  const all = packages.data?.packages;
  const application = all?.find(({ id }) => id === draft.packageId) ?? all?.find(({ isDefault }) => isDefault) ?? all?.[0];
  const plan = application?.plans.find(({ id }) => id === draft.planId) ?? application?.plans[0];
  const known = domains.data?.domains ?? [];
  const domain = known.find(({ id }) => id === draft.domainId) ?? known.find(({ isDefault }) => isDefault) ?? known[0];
  const fields = application === undefined ? [] : fieldsOf(application.parameters, words.language);
  const placed = application === undefined || plan === undefined ? undefined : { packageId: application.id, planId: plan.id };
  const proposal = useQuery(
    placed && `placement.propose.${placed.packageId}.${placed.planId}`,
    async (core) => (placed === undefined ? undefined : core.placement.propose(placed)),
    { everyMs: 5_000 },
  );
  const candidates = proposal.data?.candidates ?? [];
  const able = candidates.filter(({ verdict }) => verdict !== 'refused');
  return {
    packages: all,
    refreshPackages: packages.refresh,
    failure: packages.failure ?? domains.failure,
    application,
    plan,
    domains: known,
    domain,
    certificate: certificates.data?.certificates.find(
      ({ kind, names }) => kind !== 'site-authority' && names.includes(`*.${domain?.name ?? ''}`),
    ),
    areCertificatesKnown: certificates.data !== undefined,
    name: useNameVerdict(draft.name, domain?.id),
    customer: useCustomers(draft),
    fields,
    problems: Object.fromEntries(
      fields.map((field) => [field.id, problemOf(words, field, typed[field.id] ?? field.initial, application?.name ?? '')]),
    ),
    proposal: proposal.data,
    proposalAtMs: proposal.atMs,
    proposalFailure: proposal.failure,
    chosen:
      able.find(({ serverId }) => serverId === draft.serverId) ??
      able.find(({ serverId }) => serverId === proposal.data?.chosen) ??
      able[0],
  };
}
