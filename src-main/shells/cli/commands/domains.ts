import { dryRun, rehearseAct } from './rehearse.ts';
import type { DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { type DnsKind, dnsRequest, kindsOf } from '#contract/catalogue/providers.ts';
import { sayProvider } from '#words/say-provider.ts';
import { zoneFindings } from '#words/zone-findings.ts';
import type { Answer, Call, Command, OptionSpec } from '../command.ts';
import { credentialOptions, type GivenOptions, optionOf, readCredentialOptions } from '../credential-options.ts';
import { oneOf } from '../parse.ts';
import { columns } from '../columns.ts';
import { findDomain, findServer } from '../find-objects.ts';
import { UsageError } from '../failures.ts';
import { answerWithJob, noWait } from '../follow-job.ts';
import { traceLines } from '../job-text.ts';
import { marked } from '../style.ts';

function domainLines({ t }: Pick<Call, 't'>, domains: readonly DomainView[]): string[] {
  const heads = [t('cli.field.domain'), t('cli.field.dns'), t('cli.field.server'), t('cli.field.records')];
  const rows = domains.map((one) => [one.name, one.dns.kind, one.dns.server, String(one.records.length)]);
  return columns(heads, rows, [3]);
}

/** The domain as it is after its job. */
async function domainAnswer({ client, t }: Pick<Call, 'client' | 't'>, job: JobView): Promise<Answer> {
  const domain = await findDomain(client, job.subject.id);
  return { json: { job, domain }, lines: domainLines({ t }, [domain]) };
}

const list: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'list',
  summary: 'cli.domains.list',
  run: async ({ client, t }) => {
    const answer = await client.domains.list();
    return { json: answer, lines: answer.domains.length === 0 ? [t('cli.domains.none')] : domainLines({ t }, answer.domains) };
  },
};

/** Names that these options had before every provider's own: they go on. */
const shortNames: Readonly<Partial<Record<DnsKind, Readonly<Record<string, string>>>>> = {
  powerdns: { url: 'powerdns', apiKey: 'api-key-file', nameServers: 'name-server' },
};

const dnsOptions = {
  ...credentialOptions('dns'),
  powerdns: { type: 'string', value: 'URL', isMany: true, summary: 'cli.domains.add.powerdns' },
  'api-key-file': { type: 'string', value: 'FILE', isMany: true, summary: 'cli.domains.add.keyFile' },
  'name-server': { type: 'string', value: 'ADDRESS[:PORT]', isMany: true, summary: 'cli.domains.add.nameServer' },
  'no-wait': noWait,
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** What was given for the fields of a provider; a short name of another provider is none of its options. */
function givenFor({ typed, t }: Call, kind: DnsKind): GivenOptions {
  const foreign = kindsOf('dns')
    .filter((other) => other !== kind)
    .flatMap((other) => Object.values(shortNames[other] ?? {}))
    .find((name) => typed.all(name).length > 0);
  if (foreign !== undefined) throw new UsageError('cli.usage.credential', { option: `--${foreign}`, provider: sayProvider(t, kind) });
  return (field) => {
    const short = shortNames[kind]?.[field.name];
    return [...typed.all(optionOf('dns', field)), ...(short === undefined ? [] : typed.all(short))];
  };
}

/** Who serves a new domain: said once, by `--dns` or by one of the older options. */
function kindOfNew({ typed }: Call): DnsKind {
  const kinds = new Set<DnsKind | undefined>([
    oneOf(typed, 'dns', kindsOf('dns')),
    typed.all('powerdns').length > 0 ? 'powerdns' : undefined,
    typed.has('builtin') ? 'builtin' : undefined,
  ]);
  kinds.delete(undefined);
  const [kind, other] = [...kinds];
  if (kind === undefined || other !== undefined) throw new UsageError('cli.usage.dnsKind', { kinds: kindsOf('dns').join(', ') });
  return kind;
}

const add: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'add',
  summary: 'cli.domains.add',
  arguments: [{ name: 'domain' }],
  options: {
    dns: { type: 'string', value: 'PROVIDER', summary: (t) => t('cli.domains.add.dns', { kinds: kindsOf('dns').join(', ') }) },
    builtin: { type: 'boolean', summary: 'cli.domains.add.builtin' },
    ...dnsOptions,
  },
  run: async (call) => {
    const kind = kindOfNew(call);
    const values = await readCredentialOptions({ ...call, port: 'dns', kind, given: givenFor(call, kind), isWhole: true });
    const name = call.typed.argument('domain');
    const begun = await call.client.domains.add({ requestKey: call.requestKey, name, dns: dnsRequest.parse({ kind, ...values }) });
    return answerWithJob(call, begun, (job) => domainAnswer(call, job));
  },
};

const update: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'update',
  summary: 'cli.domains.update',
  arguments: [{ name: 'domain' }],
  options: dnsOptions,
  run: async (call) => {
    const { client, requestKey } = call;
    const found = await findDomain(client, call.typed.argument('domain'));
    const { kind } = found.dns;
    const dns = await readCredentialOptions({ ...call, port: 'dns', kind, given: givenFor(call, kind), isWhole: false });
    const begun = await client.domains.update({ requestKey, domainId: found.id, dns });
    return answerWithJob(call, begun, (job) => domainAnswer(call, job));
  },
};

/** Asks the name server: what stands in the zone, what is amiss, how far the key reaches, and what would be better. */
const show: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'show',
  summary: 'cli.domains.show',
  arguments: [{ name: 'domain' }],
  run: async ({ client, typed, t }) => {
    const domain = await findDomain(client, typed.argument('domain'));
    const inspection = await client.domains.inspect({ domainId: domain.id });
    // strangers' texts are made safe where the lines are written
    const findings = zoneFindings({ words: t, domain: domain.name, inspection, safe: (text) => text });
    const lines = findings.flatMap(({ mark, title, says }) => [marked(mark, title), ...says.map((sentence) => `    ${sentence}`)]);
    return { json: { domain, inspection }, lines: [...domainLines({ t }, [domain]), '', ...lines] };
  },
};

/** One wildcard record for a server, or none any more. */
const wildcard: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'wildcard',
  summary: 'cli.domains.wildcard',
  arguments: [{ name: 'domain' }],
  options: {
    server: { type: 'string', value: 'NAME', summary: 'cli.domains.wildcard.server' },
    off: { type: 'boolean', summary: 'cli.domains.wildcard.off' },
    'no-wait': noWait,
  },
  run: async (call) => {
    const { client, typed, t, requestKey } = call;
    const server = typed.text('server');
    if ((server === undefined) === !typed.has('off')) throw new UsageError('cli.usage.wildcard');
    const { id: domainId, name } = await findDomain(client, typed.argument('domain'));
    if (server === undefined) {
      const begun = await client.domains.dropWildcard({ domainId, requestKey });
      const lines = [t('cli.domains.wildcard.dropped', { domain: name })];
      return answerWithJob(call, begun, async (job) => ({ json: { job, domain: await findDomain(client, name) }, lines }));
    }
    const { id: serverId, name: serverName } = await findServer(client, server);
    const begun = await client.domains.keepWildcard({ domainId, serverId, requestKey });
    const lines = [t('cli.domains.wildcard.kept', { domain: name, server: serverName })];
    return answerWithJob(call, begun, async (job) => ({ json: { job, domain: await findDomain(client, name) }, lines }));
  },
};

const remove: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'remove',
  summary: 'cli.domains.remove',
  arguments: [{ name: 'domain' }],
  options: { 'no-wait': noWait, 'dry-run': dryRun },
  danger: { question: 'cli.domains.remove.sure', argument: 'domain' },
  run: async (call) => {
    const { client, typed, t, requestKey } = call;
    const found = await findDomain(client, typed.argument('domain'));
    if (typed.has('dry-run')) return rehearseAct(call, { type: 'remove-domain', domainId: found.id });
    const begun = await client.domains.remove({ domainId: found.id, requestKey });
    return answerWithJob(call, begun, async (job) => {
      const successor = found.isDefault ? (await client.domains.list()).domains.find(({ isDefault }) => isDefault) : undefined;
      const successorLines = successor === undefined ? [] : [t('cli.domains.removed.successor', { domain: successor.name })];
      return {
        json: { job, proof: job.traces, ...(successor === undefined ? {} : { newDefault: successor.name }) },
        lines: [t('cli.domains.removed', { name: found.name }), ...successorLines, ...traceLines(t, job)],
      };
    });
  },
};

export const domainCommands: readonly Command[] = [list, show, add, update, wildcard, remove];
