import type { DomainView } from '#contract/api/domains.ts';
import type { PackageView, PlanView } from '#contract/api/packages.ts';
import type { PlacementCandidate } from '#contract/api/placement.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { canonicalIpv4 } from '#contract/ip-address.ts';
import { nameIn } from '#contract/localized-text.ts';
import type { Answer, Call } from '../command.ts';
import { facts } from '../columns.ts';
import { exitCodes } from '../failures.ts';
import { findPlan, findServer } from '../find-objects.ts';
import { duration, moment } from '../numbers.ts';
import { sayOr } from '../job-text.ts';
import { faint, marked, strong } from '../style.ts';

/** What was typed, as far as it was read without asking for anything to be made. */
export type Rehearsed = {
  readonly label: string;
  /** The domain that was named. */
  readonly inDomain: DomainView | undefined;
  readonly of: PackageView;
  readonly customer: string | undefined;
  readonly reference: string | undefined;
};

const marks = { best: 'good', good: 'good', fits: 'warning', refused: 'unknown' } as const;

/** The plan that the core takes where none is named: the smallest. */
function planOf(of: PackageView, wanted: string | undefined): PlanView {
  if (wanted !== undefined) return findPlan(of, wanted);
  return of.plans.toSorted((one, other) => one.limits.memoryBytes - other.limits.memoryBytes)[0] ?? findPlan(of, '');
}

const sentenceOf = ({ t }: Pick<Call, 't'>, { reason }: PlacementCandidate): string => t.say(`placement.reason.${reason.code}`, reason);

/** The records that lead visitors to the server, as they would stand in the zone. */
function recordsOf(host: string, server: ServerView | undefined): string[] {
  const known = server?.publicAddresses ?? [];
  const confirmed = known.filter(({ state }) => state === 'confirmed');
  return (confirmed.length > 0 ? confirmed : known).map(
    ({ address }) => `${host} ${canonicalIpv4(address) === undefined ? 'AAAA' : 'A'} ${address}`,
  );
}

const addressOf = (host: string, server: ServerView | undefined, url: string): string => {
  if (server === undefined) return url;
  return server.httpsPort === 443 ? `https://${host}` : `https://${host}:${server.httpsPort}`;
};

/** Where it would go: the server that was named, or the one that placement would take; undefined where none can. */
function chosenOf(candidates: readonly PlacementCandidate[], named: ServerView | undefined, proposed: string | undefined) {
  const wanted = named?.id ?? proposed;
  return candidates.find(({ serverId, verdict }) => serverId === wanted && verdict !== 'refused');
}

async function askAll({ client, typed }: Call, { label, inDomain, of, customer, reference }: Rehearsed) {
  const plan = planOf(of, typed.text('plan'));
  const [checked, proposal, { servers }, { domains }, { farm }, known] = await Promise.all([
    client.instances.checkName({ name: label, ...(inDomain === undefined ? {} : { domainId: inDomain.id }) }),
    client.placement.propose({ packageId: of.id, planId: plan.id }),
    client.servers.list(),
    client.domains.list(),
    client.settings.get(),
    reference === undefined || customer === undefined ? undefined : client.customers.list({ text: customer.slice(0, 120) }),
  ]);
  const named = typed.text('server');
  const wanted = named === undefined ? undefined : await findServer(client, named);
  const chosen = chosenOf(proposal.candidates, wanted, proposal.chosen);
  return {
    plan,
    checked,
    proposal,
    chosen,
    wanted,
    server: servers.find(({ id }) => id === chosen?.serverId),
    domain: inDomain ?? domains.find(({ isDefault }) => isDefault) ?? domains[0],
    farm,
    isKnownCustomer: known?.customers.some(({ externalReference }) => externalReference === reference) ?? false,
  };
}

/** Everything that `create` would do, asked of the core without making anything. */
export async function rehearseCreate(call: Call, typed: Rehearsed): Promise<Answer> {
  const { t } = call;
  const { label, of } = typed;
  const nowMs = Date.now();
  const found = await askAll(call, typed);
  const { plan, checked, proposal, chosen, server, domain } = found;
  if (checked.verdict === 'refused') {
    const why = sayOr(t, `error.${checked.code}`, checked.parameters, checked.code);
    const { proposal: other } = checked;
    const lines = [why, ...(other === undefined ? [] : [t('cli.instances.proposal', { label: other })])];
    return { json: { isRehearsal: true, wouldBegin: false, name: checked }, lines, exitCode: exitCodes.refused };
  }
  const host = `${label}.${domain?.name ?? ''}`;
  const isNewCustomer = typed.customer !== undefined && !found.isKnownCustomer;
  const { changes } = await call.client.jobs.rehearse({
    act: {
      type: 'create',
      name: label,
      packageId: of.id,
      planId: plan.id,
      ...(domain === undefined ? {} : { domainId: domain.id }),
      ...(found.wanted === undefined ? {} : { serverId: found.wanted.id }),
      ...(typed.customer === undefined
        ? {}
        : { customer: { name: typed.customer, ...(typed.reference === undefined ? {} : { externalReference: typed.reference }) } }),
    },
    language: t.language,
  });
  const placement = proposal.candidates.map((one) => ({ ...one, sentence: sentenceOf(call, one) }));
  const records = recordsOf(host, server);
  const refused = found.wanted && proposal.candidates.find(({ serverId }) => serverId === found.wanted?.id);
  const whyNot =
    chosen !== undefined ? [] : [refused === undefined ? t('wizard.server.none') : `${refused.serverName}: ${sentenceOf(call, refused)}`];
  const url = addressOf(host, server, checked.url);
  const planName = nameIn(t.language, plan);
  return {
    json: {
      isRehearsal: true,
      wouldBegin: chosen !== undefined,
      name: label,
      host,
      url,
      farm: found.farm?.name,
      atMs: nowMs,
      package: { id: of.id, name: nameIn(t.language, of), version: of.version },
      plan: { id: plan.id, key: plan.key, name: planName, limits: plan.limits },
      ...(chosen === undefined ? { whyNot: whyNot.join(' ') } : { server: { id: chosen.serverId, name: chosen.serverName } }),
      ...(typed.customer === undefined ? {} : { customer: { name: typed.customer, isNew: isNewCustomer } }),
      placement,
      records,
      changes,
      ...(proposal.usuallyMs === undefined ? {} : { usuallyMs: proposal.usuallyMs }),
    },
    lines: [
      strong(t('cli.rehearse.title', { name: label })),
      ...facts([
        [t('cli.field.address'), url],
        [t('cli.field.customer'), typed.customer],
        [t('cli.field.package'), `${nameIn(t.language, of)} ${of.version}`],
        [t('cli.field.plan'), planName],
        [t('cli.field.server'), chosen?.serverName],
        [t('cli.rehearse.farm'), found.farm?.name],
        [t('cli.rehearse.at'), moment(t, nowMs)],
      ]),
      '',
      strong(t('wizard.change.title')),
      ...changes.flatMap(({ kind, title, says }) => [
        `  ${title}`,
        `    ${says}`,
        ...(kind === 'record' ? records.map((record) => `    ${faint(record)}`) : []),
      ]),
      `  ${t('wizard.change.untouched.title')}`,
      `    ${t('wizard.change.untouched.says')}`,
      '',
      strong(t('cli.placement.title')),
      ...placement.map((one) => `  ${marked(marks[one.verdict], one.serverName)}  ${one.sentence}`),
      '',
      ...whyNot,
      ...(proposal.usuallyMs === undefined ? [] : [t('cli.placement.usually', { time: duration(t, proposal.usuallyMs) })]),
      t('cli.rehearse.nothing'),
    ],
    ...(chosen === undefined ? { exitCode: exitCodes.refused } : {}),
  };
}
