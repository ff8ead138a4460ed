import type { LightWorld } from '../light/light-world.ts';

/** What is there, one line for each thing, by code that knows nothing of effects: `<kind> <which>`, and how it is. */
export type Sweep = Readonly<Record<string, string>>;

function ofFarm({ disk, nameServer }: LightWorld): Sweep {
  const things: Record<string, string> = {};
  for (const { name, desired, serverId } of disk.instances.find({})) {
    things[`row ${name}`] = desired;
    things[`room ${name}`] = String(serverId);
  }
  for (const { name } of disk.customers.find({})) things[`customer-row ${name}`] = 'there';
  for (const { id } of disk.ownedRecords.find({})) things[`record ${id}`] = 'there';
  for (const { name, membership, publicAddresses } of disk.servers.find({})) {
    things[`server-row ${name}`] = membership;
    things[`server-addresses ${name}`] = publicAddresses.map(({ address, state }) => `${address} ${state}`).join();
  }
  for (const { name, dnsSettings, sealedCredentials } of disk.domains.find({})) {
    const { wildcard, ...access } = dnsSettings;
    things[`domain-row ${name}`] = 'there';
    things[`domain-access ${name}`] = JSON.stringify([access, sealedCredentials]);
    if (wildcard !== undefined) things[`kept-wildcard ${name}`] = JSON.stringify(wildcard);
  }
  for (const { id, kind, names } of disk.certificates.find({})) {
    if (kind === 'site-authority') things[`authority ${id}`] = 'there';
    if (kind === 'test-wildcard') things[`wildcard-certificate ${names.join()} ${id}`] = 'there';
  }
  for (const { name, records } of nameServer.zones()) {
    things[`zone ${name}`] = 'there';
    for (const record of records) if (record.name.startsWith('*.')) things[`wildcard-record ${record.name}`] = record.values.join();
  }
  return things;
}

export function sweep(world: LightWorld): Sweep {
  const things: Record<string, string> = { ...ofFarm(world) };
  for (const agent of world.agents.values()) {
    const { name } = agent;
    for (const key of agent.installed.keys()) things[`package ${key} ${name}`] = 'there';
    for (const { names, fingerprintSha256 } of agent.certificates.values())
      things[`certificate ${names.join()} ${fingerprintSha256} ${name}`] = 'there';
    things[`membership ${name}`] = String(agent.farm());
    for (const { host, state } of agent.routes.values()) things[`route ${host} ${name}`] = state;
    for (const { spec, instance } of agent.instances.values()) {
      things[`files ${spec.name} ${name}`] = 'there';
      const { process } = instance;
      things[`process ${spec.name} ${name}`] = 'processId' in process ? `${process.state} ${process.processId}` : process.state;
    }
  }
  return things;
}

/** The kinds of things in which two sweeps differ. Columns of a row come and go with it. */
export function changedKinds(before: Sweep, after: Sweep): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
  const kinds = [...new Set(keys.map((key) => key.split(' ')[0] ?? ''))].sort();
  const isRowsOwn = (kind: string): boolean =>
    (kind === 'domain-access' && kinds.includes('domain-row')) || (kind === 'server-addresses' && kinds.includes('server-row'));
  return kinds.filter((kind) => !isRowsOwn(kind));
}

/** The same without what is drawn anew each time something is made: which of several it is. */
export const withoutDrawn = (things: Sweep): readonly string[] =>
  Object.entries(things)
    .map(([which, how]) => `${which}: ${how}`.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{40,}|running \d+/g, '#'))
    .sort();
