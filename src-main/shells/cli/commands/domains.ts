import { readFile } from 'node:fs/promises';
import type { DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { zoneFindings } from '#words/zone-findings.ts';
import type { Answer, Call, Command } from '../command.ts';
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

/** `address` or `address:port`; an IPv6 address with a port stands in brackets. */
function nameServerOf(text: string): { address: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([^:]+)|([0-9a-fA-F:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = found?.[1] ?? found?.[2] ?? found?.[3];
  if (address === undefined) throw new UsageError('cli.usage.value', { option: '--name-server' });
  return { address, port: Number(found?.[4] ?? 53) };
}

const add: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'add',
  summary: 'cli.domains.add',
  arguments: [{ name: 'domain' }],
  options: {
    powerdns: { type: 'string', value: 'URL', summary: 'cli.domains.add.powerdns' },
    'api-key-file': { type: 'string', value: 'FILE', summary: 'cli.domains.add.keyFile' },
    'name-server': { type: 'string', value: 'ADDRESS[:PORT]', isMany: true, summary: 'cli.domains.add.nameServer' },
    builtin: { type: 'boolean', summary: 'cli.domains.add.builtin' },
    'no-wait': noWait,
  },
  run: async (call) => {
    const { client, typed, requestKey, readInput } = call;
    const url = typed.text('powerdns');
    if ((url === undefined) === !typed.has('builtin')) throw new UsageError('cli.usage.dnsKind');
    // A key on the command line would be seen by everyone who lists processes.
    const file = typed.text('api-key-file');
    const apiKey = url === undefined ? '' : (file === undefined || file === '-' ? await readInput() : await readFile(file, 'utf8')).trim();
    const nameServers = typed.all('name-server').map(nameServerOf);
    const begun = await client.domains.add({
      requestKey,
      name: typed.argument('domain'),
      dns:
        url === undefined ? { kind: 'builtin' } : { kind: 'powerdns', url, apiKey, ...(nameServers.length === 0 ? {} : { nameServers }) },
    });
    return answerWithJob(call, begun, (job) => domainAnswer(call, job));
  },
};

const update: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'update',
  summary: 'cli.domains.update',
  arguments: [{ name: 'domain' }],
  options: {
    powerdns: { type: 'string', value: 'URL', summary: 'cli.domains.add.powerdns' },
    'api-key-file': { type: 'string', value: 'FILE', summary: 'cli.domains.add.keyFile' },
    'name-server': { type: 'string', value: 'ADDRESS[:PORT]', isMany: true, summary: 'cli.domains.add.nameServer' },
    'no-wait': noWait,
  },
  run: async (call) => {
    const { client, typed, requestKey, readInput } = call;
    const found = await findDomain(client, typed.argument('domain'));
    const [url, file, nameServers] = [typed.text('powerdns'), typed.text('api-key-file'), typed.all('name-server').map(nameServerOf)];
    // Nothing else to change: then it is the key, as with `add`.
    const isKeyRead = file === '-' || (file === undefined && url === undefined && nameServers.length === 0);
    const apiKey = isKeyRead ? (await readInput()).trim() : file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
    const begun = await client.domains.update({
      requestKey,
      domainId: found.id,
      dns: {
        ...(url === undefined ? {} : { url }),
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(nameServers.length === 0 ? {} : { nameServers }),
      },
    });
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
  options: { 'no-wait': noWait },
  danger: { question: 'cli.domains.remove.sure', argument: 'domain' },
  run: async (call) => {
    const { client, typed, t, requestKey } = call;
    const found = await findDomain(client, typed.argument('domain'));
    const begun = await client.domains.remove({ domainId: found.id, requestKey });
    return answerWithJob(call, begun, async (job) => {
      const heir = found.isDefault ? (await client.domains.list()).domains.find(({ isDefault }) => isDefault) : undefined;
      const heirLines = heir === undefined ? [] : [t('cli.domains.removed.heir', { domain: heir.name })];
      return {
        json: { job, proof: job.traces, ...(heir === undefined ? {} : { newDefault: heir.name }) },
        lines: [t('cli.domains.removed', { name: found.name }), ...heirLines, ...traceLines(t, job)],
      };
    });
  },
};

export const domainCommands: readonly Command[] = [list, show, add, update, wildcard, remove];
