import type { DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { type DnsKind, dnsRequest, kindsOf } from '#contract/catalogue/providers.ts';
import { sayProvider } from '#words/say-provider.ts';
import { zoneFindings } from '#words/zone-findings.ts';
import type { Answer, Call, Command, OptionSpec } from '../command.ts';
import { credentialOptions, type GivenOptions, optionOf, readCredentialOptions } from '../credential-options.ts';
import { oneOf } from '../parse.ts';
import { columns } from '../columns.ts';
import { findDomain } from '../find-objects.ts';
import { UsageError } from '../failures.ts';
import { answerWithJob, noWait } from '../follow-job.ts';
import { marked } from '../style.ts';

export function domainLines({ t }: Pick<Call, 't'>, domains: readonly DomainView[]): string[] {
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

export const domainCommands: readonly Command[] = [list, show, add, update];
