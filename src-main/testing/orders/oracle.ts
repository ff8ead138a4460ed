import { runActs } from '#contract/catalogue/jobs.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Server } from '../../model/servers/server.ts';
import type { FakeAgent } from '../fake-agent.ts';
import type { LightWorld } from '../light/light-world.ts';

/*
 * What must be true of a farm that has come to rest, said once more in terms of agents, zones and rows, by code that shares nothing with what makes it so.
 */

type Found = string[];
const same = (one: readonly string[], other: readonly string[]): boolean => one.toSorted().join() === other.toSorted().join();
const told = (values: readonly string[]): string => (values.length === 0 ? 'nothing' : values.toSorted().join(', '));
const differ = (what: string, is: readonly string[], should: readonly string[]): Found =>
  same(is, should) ? [] : [`${what}: is ${told(is)}, should be ${told(should)}`];

type Look = {
  readonly world: LightWorld;
  readonly servers: readonly Server[];
  readonly instances: readonly Instance[];
  readonly domains: readonly FarmDomain[];
  readonly hostOf: (row: Instance) => string;
};

type Kept = { readonly serverId: string; readonly values: readonly string[]; readonly isRelied: boolean };
const keptOf = ({ dnsSettings }: FarmDomain): Kept | undefined => (dnsSettings as { readonly wildcard?: Kept }).wildcard;

/** What an address is, as far as these farms use them. */
const addressesOf = ({ publicAddresses }: Server): string[] => {
  const confirmed = publicAddresses.filter(({ state }) => state === 'confirmed');
  return (confirmed.length > 0 ? confirmed : publicAddresses).map(({ address }) => address);
};

const isAct = (type: string): boolean => runActs.some((act) => act === type);
const shown = {
  running: { process: 'running', route: 'running' },
  stopped: { process: 'none', route: 'broken' },
  suspended: { process: 'none', route: 'suspended' },
} as const;

function ofServer({ world, instances, domains, hostOf }: Look, agent: FakeAgent, row: Server | undefined): Found {
  const { name } = agent;
  if (row === undefined) {
    const things = [agent.instances, agent.routes, agent.certificates, agent.installed].map(({ size }) => size);
    const left = things.some((size) => size > 0) ? [`${name} is in no farm and holds ${things.join('/')} things`] : [];
    return [...(agent.farm() === undefined ? [] : [`${name} believes that it is in the farm`]), ...left];
  }
  const here = instances.filter(({ serverId }) => serverId === row.id);
  const newest = domains.map(
    ({ id }) =>
      world.disk.certificates
        .find({ domainId: id, kind: 'test-wildcard' })
        .toSorted((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1))[0]?.fingerprintSha256 ?? 'none',
  );
  const packages = [...new Set(here.map(({ packageId }) => packageId))];
  return [
    ...(agent.isOf(row.farmId, row.id) ? [] : [`${name} does not know that it is in the farm`]),
    ...differ(
      `instances on ${name}`,
      [...agent.instances.keys()],
      here.map(({ id }) => id),
    ),
    ...differ(`routes on ${name}`, [...agent.routes.keys()], here.map(hostOf)),
    ...differ(
      `packages on ${name}`,
      [...agent.installed.values()].map(({ packageId }) => packageId),
      packages,
    ),
    ...differ(
      `certificates on ${name}`,
      [...agent.certificates.values()].map(({ fingerprintSha256 }) => fingerprintSha256),
      newest,
    ),
    ...here.flatMap((one) => {
      const wanted = shown[one.desired as keyof typeof shown];
      if (wanted === undefined) return [`${one.name} is desired as ${one.desired}`];
      const process = agent.instances.get(one.id)?.instance.process.state;
      const route = agent.routes.get(hostOf(one));
      return [
        ...differ(`process of ${one.name}`, [String(process)], [wanted.process]),
        ...differ(`page of ${one.name}`, [String(route?.state)], [wanted.route]),
        ...differ(`route of ${one.name} leads to`, [String(route?.instanceId)], [one.id]),
      ];
    }),
  ];
}

function ofDomain({ world, servers, instances, hostOf }: Look, domain: FarmDomain): Found {
  const zone = world.nameServer.zones().find(({ name }) => name === domain.name);
  if (zone === undefined) return [`${domain.name} has no zone`];
  const kept = keptOf(domain);
  const wildcard = (kept?.values ?? []).map((value) => `*.${domain.name} ${value}`);
  const owned = world.disk.ownedRecords.find({ domainId: domain.id });
  const standing = zone.records.flatMap(({ name, values }) => values.map((value) => `${name} ${value}`));
  const place = servers.find(({ id }) => id === kept?.serverId);
  const issued = world.disk.certificates.find({ domainId: domain.id, kind: 'test-wildcard' });
  return [
    ...differ(`zone ${domain.name}`, standing, [...owned.map(({ name, value }) => `${name} ${value}`), ...wildcard]),
    ...(issued.length === 0 ? [`${domain.name} has no certificate`] : []),
    ...(kept === undefined ? [] : [...(place === undefined ? [`*.${domain.name} leads to a server that has gone`] : [])]),
    ...(kept?.isRelied === false ? [`*.${domain.name} is kept, and nobody relies on it`] : []),
    ...owned.flatMap(({ instanceId, name }) =>
      instances.some((row) => row.id === instanceId && hostOf(row) === name) ? [] : [`${name} is a record of nobody`],
    ),
  ];
}

/**
 * What a person took off the air comes back by an act that succeeds, and by nothing else: after one that failed it is as it was, so that nobody finds it on
 * the air by itself later.
 */
function ofActs({ world, instances }: Look): Found {
  return instances.flatMap(({ id, name, desired }) => {
    const acts = world.disk.jobs.find({}).filter(({ subject, type }) => subject.id === id && isAct(type));
    const last = acts.toSorted((one, other) => (one.id < other.id ? 1 : -1))[0];
    if (last?.state !== 'failed' || last.input.wish !== 'suspended') return [];
    return desired === 'suspended' ? [] : [`${name} was suspended, ${last.type} failed, and yet it is desired as ${desired}`];
  });
}

/** Everything that is not as it must be; empty where all is well. */
export function faultsOf(world: LightWorld): readonly string[] {
  const { disk, nameServer } = world;
  const [servers, instances, domains] = [disk.servers.find({}), disk.instances.find({}), disk.domains.find({})];
  const domainName = (id: string): string => domains.find((one) => one.id === id)?.name ?? '?';
  const look: Look = { world, servers, instances, domains, hostOf: (row) => `${row.name}.${domainName(row.domainId)}` };
  const open = disk.jobs.find({}).filter(({ state }) => !['done', 'undone', 'failed'].includes(state));
  const marks = disk.settings.find({}).filter(({ id }) => id.includes('-domain:'));
  const zones = nameServer.zones().map(({ name }) => name);
  return [
    ...open.map((job) => `${job.type} of ${job.subject.name} is ${job.state}: ${JSON.stringify(job.failure)}`),
    ...differ(
      'locks',
      disk.locks.find({}).map(({ id }) => id),
      [],
    ),
    ...differ(
      'marks of domains',
      marks.map(({ id }) => id),
      [],
    ),
    ...differ('zones', zones, [...new Set(['panel.test', ...domains.map(({ name }) => name)])]),
    ...differ(
      'default domains',
      domains.filter(({ isDefault }) => isDefault).map(() => 'one'),
      domains.length === 0 ? [] : ['one'],
    ),
    ...servers.flatMap(({ name, membership }) => (membership === 'in' ? [] : [`${name} is ${membership}`])),
    ...[...world.agents].flatMap(([address, agent]) =>
      ofServer(
        look,
        agent,
        servers.find((row) => row.address === address),
      ),
    ),
    ...domains.flatMap((domain) => ofDomain(look, domain)),
    ...ofActs(look),
    ...instances.flatMap((row) => {
      const server = servers.find(({ id }) => id === row.serverId);
      if (server === undefined) return [`${row.name} stands on no server`];
      return differ(`${look.hostOf(row)} answers`, nameServer.answer(look.hostOf(row)).addresses, addressesOf(server));
    }),
    ...disk.ownedRecords
      .find({})
      .flatMap(({ domainId, name }) => (domains.some(({ id }) => id === domainId) ? [] : [`${name} is of no domain`])),
    ...differ(
      'certificates of domains that have gone',
      disk.certificates
        .find({ kind: 'test-wildcard' })
        .flatMap(({ names, domainId }) => (domains.some(({ id }) => id === domainId) ? [] : [...names])),
      [],
    ),
    ...disk.customers.find({}).flatMap(({ name, id }) => {
      const isWanted = instances.some(({ customerId }) => customerId === id);
      const made = disk.jobs.find({ type: 'create' }).filter(({ input }) => input.newCustomerId === id);
      return isWanted || made.every(({ state }) => state === 'done') ? [] : [`customer ${name} came with a create that was undone`];
    }),
    ...world.bugs.map((error) => `a fault of the program: ${error instanceof Error ? error.stack : String(error)}`),
  ];
}
