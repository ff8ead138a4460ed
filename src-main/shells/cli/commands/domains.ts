import { readFile } from 'node:fs/promises';
import type { DomainView } from '#contract/api/domains.ts';
import { zoneFindings } from '#words/zone-findings.ts';
import type { Call, Command } from '../command.ts';
import { columns } from '../columns.ts';
import { findDomain, findServer } from '../find-objects.ts';
import { UsageError } from '../failures.ts';
import { marked } from '../style.ts';

function domainLines({ t }: Pick<Call, 't'>, domains: readonly DomainView[]): string[] {
  const heads = [t('cli.field.domain'), t('cli.field.dns'), t('cli.field.server'), t('cli.field.records')];
  const rows = domains.map((one) => [one.name, one.dns.kind, one.dns.server, String(one.records.length)]);
  return columns(heads, rows, [3]);
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
  },
  run: async ({ client, typed, t, requestKey, readInput }) => {
    const url = typed.text('powerdns');
    if ((url === undefined) === !typed.has('builtin')) throw new UsageError('cli.usage.dnsKind');
    // A key on the command line would be seen by everyone who lists processes.
    const file = typed.text('api-key-file');
    const apiKey = url === undefined ? '' : (file === undefined || file === '-' ? await readInput() : await readFile(file, 'utf8')).trim();
    const nameServers = typed.all('name-server').map(nameServerOf);
    const domain = await client.domains.add({
      requestKey,
      name: typed.argument('domain'),
      dns:
        url === undefined ? { kind: 'builtin' } : { kind: 'powerdns', url, apiKey, ...(nameServers.length === 0 ? {} : { nameServers }) },
    });
    return { json: { domain }, lines: domainLines({ t }, [domain]) };
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
  },
  run: async ({ client, typed, t, requestKey, readInput }) => {
    const found = await findDomain(client, typed.argument('domain'));
    const [url, file, nameServers] = [typed.text('powerdns'), typed.text('api-key-file'), typed.all('name-server').map(nameServerOf)];
    // Nothing else to change: then it is the key, as with `add`.
    const isKeyRead = file === '-' || (file === undefined && url === undefined && nameServers.length === 0);
    const apiKey = isKeyRead ? (await readInput()).trim() : file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
    const domain = await client.domains.update({
      requestKey,
      domainId: found.id,
      dns: {
        ...(url === undefined ? {} : { url }),
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(nameServers.length === 0 ? {} : { nameServers }),
      },
    });
    return { json: { domain }, lines: domainLines({ t }, [domain]) };
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
  },
  run: async ({ client, typed, t, requestKey }) => {
    const server = typed.text('server');
    if ((server === undefined) === !typed.has('off')) throw new UsageError('cli.usage.wildcard');
    const { id: domainId, name } = await findDomain(client, typed.argument('domain'));
    if (server === undefined) {
      const domain = await client.domains.dropWildcard({ domainId, requestKey });
      return { json: { domain }, lines: [t('cli.domains.wildcard.dropped', { domain: name })] };
    }
    const { id: serverId } = await findServer(client, server);
    const domain = await client.domains.keepWildcard({ domainId, serverId, requestKey });
    return { json: { domain }, lines: [t('cli.domains.wildcard.kept', { domain: name, server: domain.wildcard?.serverName ?? server })] };
  },
};

const remove: Command = {
  kind: 'call',
  area: 'domains',
  verb: 'remove',
  summary: 'cli.domains.remove',
  arguments: [{ name: 'domain' }],
  danger: { question: 'cli.domains.remove.sure', argument: 'domain' },
  run: async ({ client, typed, t, requestKey }) => {
    const found = await findDomain(client, typed.argument('domain'));
    const answer = await client.domains.remove({ domainId: found.id, requestKey });
    const heir = answer.newDefault === undefined ? [] : [t('cli.domains.removed.heir', { domain: answer.newDefault })];
    return { json: answer, lines: [t('cli.domains.removed', { name: answer.name }), ...heir] };
  },
};

export const domainCommands: readonly Command[] = [list, show, add, update, wildcard, remove];
