import type { LightWorld } from '../light/light-world.ts';

/*
 * What a farm and everything around it hold, as sorted lines without ids and instants: two of them are equal when the same is there. Said in terms of
 * rows, zones and agents, by code that shares nothing with what brings them about.
 */

type Names = (id: string | null) => string;

function namesOf({ disk }: LightWorld): Names {
  const rows = [disk.servers, disk.instances, disk.domains, disk.customers].flatMap((table) =>
    table.find({}).map(({ id, name }): readonly [string, string] => [id, name]),
  );
  const names = new Map(rows);
  return (id) => (id === null ? 'nobody' : (names.get(id) ?? 'something that has gone'));
}

function rowsOf({ disk }: LightWorld, nameOf: Names): string[] {
  return [
    ...disk.servers.find({}).map((row) => {
      const addresses = row.publicAddresses.map(({ address, state }) => `${address} ${state}`);
      return `server ${row.name} ${row.membership} ${addresses.toSorted().join()} draining=${row.isDraining}`;
    }),
    ...disk.instances
      .find({})
      .map(
        (row) =>
          `instance ${row.name} ${row.wish} on ${nameOf(row.serverId)} below ${nameOf(row.domainId)} for ${nameOf(row.customerId)}, job=${row.jobId !== null}`,
      ),
    ...disk.customers.find({}).map(({ name }) => `customer ${name}`),
    ...disk.domains.find({}).map(({ id, name, dnsKind, dnsSettings, sealedCredentials, isDefault }) => {
      // the server of a wildcard by its name
      const settings = JSON.stringify(dnsSettings).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, nameOf);
      return `domain ${name} ${dnsKind} ${settings} ${sealedCredentials.replaceAll(id, name)} default=${isDefault}`;
    }),
    ...disk.ownedRecords.find({}).map((row) => `record ${row.name} ${row.type} ${row.value} of ${nameOf(row.instanceId)}`),
    ...disk.servedRecords.find({}).map((row) => `served ${row.zone} ${row.name} ${row.type} ${row.value}`),
    ...disk.certificates.find({}).map(({ kind, names }) => `certificate ${kind} ${kind === 'test-wildcard' ? names.join() : ''}`),
    ...disk.locks.find({}).map(({ id }) => `lock ${id.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, nameOf)}`),
    ...disk.settings.find({}).flatMap(({ id }) => (id.includes('-domain:') ? [`mark ${id.split(':')[0]}`] : [])),
    ...[...disk.samples.map().values()].flatMap((row) =>
      nameOf(String(row['serverId'])) === nameOf('') ? ['samples of what has gone'] : [],
    ),
  ];
}

function agentsOf({ agents }: LightWorld, nameOf: Names): string[] {
  return [...agents.values()].flatMap((agent) => [
    `${agent.name} is in a farm: ${agent.farm() !== undefined}`,
    ...[...agent.instances.values()].map(
      ({ instance }) => `${agent.name} has ${instance.name}: ${instance.wanted}, ${instance.process.state}, ${instance.health}`,
    ),
    ...[...agent.routes.values()].map(({ host, state, instanceId }) => `${agent.name} routes ${host} to ${nameOf(instanceId)}, ${state}`),
    ...[...agent.installed.values()].map(({ packageId }) => `${agent.name} has the package ${packageId}`),
    ...[...agent.certificates.values()].map(({ names }) => `${agent.name} has a certificate ${names.join()}`),
  ]);
}

export function pictureOf(world: LightWorld): readonly string[] {
  const nameOf = namesOf(world);
  const zones = world.nameServer
    .zones()
    .flatMap(({ name, records }) => [
      `zone ${name}`,
      ...records.map((set) => `zone ${name}: ${set.name} ${set.type} ${set.values.toSorted().join()}`),
    ]);
  return [...rowsOf(world, nameOf), ...agentsOf(world, nameOf), ...zones].toSorted();
}

/** What one has and the other has not; empty where they are the same. */
export function differencesOf(is: readonly string[], should: readonly string[]): readonly string[] {
  const left = [...should];
  const more = is.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  return [...more.map((line) => `left over: ${line}`), ...left.map((line) => `missing: ${line}`)];
}
