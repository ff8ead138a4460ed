import { type BeginRequest, beginRequest, type JobView, type RehearsalRequest } from '#contract/api/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { addressOf, type LightClient, type LightWorld } from '../light/light-world.ts';
import { type Act, isRowAct, type RowAct } from './acts.ts';

const staticSite = packageId.parse('static-site');

/** Undefined where something of it is not there: nobody could ask for it. */
function rowRequest({ disk }: LightWorld, act: RowAct): BeginRequest | undefined {
  const ids = {
    ...('name' in act ? { instanceId: disk.instances.find({ name: act.name })[0]?.id } : {}),
    ...('domain' in act ? { domainId: disk.domains.find({ name: act.domain })[0]?.id } : {}),
    ...('server' in act ? { serverId: disk.servers.find({ name: act.server })[0]?.id } : {}),
  };
  return Object.values(ids).includes(undefined) ? undefined : beginRequest.parse({ ...act, type: act.do, ...ids });
}

function createRequest({ disk }: LightWorld, act: Extract<Act, { readonly do: 'create' }>) {
  const [domain] = disk.domains.find({ name: act.domain });
  const [server] = act.server === undefined ? [] : disk.servers.find({ name: act.server });
  return {
    name: act.name,
    packageId: staticSite,
    ...(domain === undefined ? {} : { domainId: domain.id }),
    ...(server === undefined ? {} : { serverId: server.id }),
    ...(act.isNewCustomer ? { customer: { name: `Customer of ${act.name}` } } : {}),
  };
}

/** What would be asked to hear what the act changes. */
export function rehearsalOf(world: LightWorld, act: Act): RehearsalRequest | undefined {
  if (isRowAct(act)) return rowRequest(world, act);
  switch (act.do) {
    case 'create':
      return { type: 'create', ...createRequest(world, act) };
    case 'add-domain':
      return { type: 'add-domain', name: act.domain, kind: act.domain === 'panel.test' ? 'powerdns' : 'builtin' };
    case 'join-server':
      return { type: 'join-server', address: addressOf(act.server), name: act.server };
    case 'change-domain': {
      const [row] = world.disk.domains.find({ name: act.domain });
      return row === undefined ? undefined : { type: 'change-domain', domainId: row.id };
    }
  }
}

/** Begins it as a client does; undefined where something of it is not there. */
export function beginAct(world: LightWorld, client: LightClient, act: Act): Promise<JobView> | undefined {
  const requestKey = world.key();
  if (isRowAct(act)) {
    const request = rowRequest(world, act);
    return request === undefined ? undefined : client.jobs.begin({ act: request, requestKey });
  }
  switch (act.do) {
    case 'create':
      return client.instances.create({ ...createRequest(world, act), requestKey });
    case 'add-domain': {
      const powerdns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'one-key' } as const;
      return client.domains.add({ name: act.domain, dns: act.domain === 'panel.test' ? powerdns : { kind: 'builtin' }, requestKey });
    }
    case 'join-server':
      return client.servers.add({
        address: addressOf(act.server),
        code: `CODE-OF-${act.server.toUpperCase()}`,
        name: act.server,
        requestKey,
      });
    case 'change-domain': {
      const [row] = world.disk.domains.find({ name: act.domain });
      if (row?.dnsKind !== 'powerdns') return undefined;
      return client.domains.update({ domainId: row.id, dns: { apiKey: 'another-key' }, requestKey });
    }
  }
}
