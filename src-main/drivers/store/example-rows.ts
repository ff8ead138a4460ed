import { customerId, domainId, farmId as farmIdSchema, instanceId, jobId, packageId, planId, serverId } from '#contract/ids.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Job, JobStep } from '../../model/jobs/job.ts';
import type { Plan } from '../../model/plans/plan.ts';
import type { Server } from '../../model/servers/server.ts';

/** Rows for the store's tests. `over` takes ids as plain text; they are checked here. */
type Plain<Row> = {
  readonly [Property in keyof Row]?: Row[Property] extends string
    ? string
    : Row[Property] extends string | null
      ? string | null
      : Row[Property];
};

/** The n-th UUID of version 7. */
export const idAt = (n: number): string => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
export const farmId = farmIdSchema.parse(idAt(0xfa));

export const anInstance = (over: Plain<Omit<Instance, 'desired'>> & { readonly desired?: Instance['desired'] }): Instance => ({
  farmId,
  name: over.name ?? 'anna',
  packageId: packageId.parse('tiddlywiki'),
  packageVersion: '5.3.8',
  manifestHash: 'ab'.repeat(32),
  labels: over.labels ?? [],
  parameters: over.parameters ?? {},
  sealedSecrets: '',
  desired: over.desired ?? 'running',
  handedOverAtMs: over.handedOverAtMs ?? null,
  createdAtMs: 1_800_000_000_000,
  id: instanceId.parse(over.id ?? idAt(1)),
  domainId: domainId.parse(over.domainId ?? idAt(2)),
  customerId: customerId.parse(idAt(3)),
  serverId: null,
  planId: planId.parse(idAt(4)),
  jobId: over.jobId === undefined || over.jobId === null ? null : jobId.parse(over.jobId),
});

export const aServer = (over: Plain<Omit<Server, 'membership'>> & { readonly membership?: Server['membership'] }): Server => ({
  farmId,
  id: serverId.parse(over.id ?? idAt(1)),
  name: over.name ?? 'server-1',
  address: '127.0.0.1:9443',
  publicAddresses: [{ address: '192.0.2.1', state: 'proposed' }],
  keyFingerprint: over.keyFingerprint ?? 'cd'.repeat(32),
  facts: {
    hostName: 'host',
    os: 'linux',
    osName: 'Debian',
    osVersion: '12',
    arch: 'x64',
    nodeVersion: '24',
    cpuCount: 2,
    capacity: { memoryBytes: 1, cpuMillicores: 1, diskBytes: 1 },
    isSimulated: false,
    isIsolated: true,
    addresses: [],
    httpsPort: 443,
    httpPort: 80,
    timeZone: 'Europe/Riga',
    bootedAtMs: 1,
  },
  agentVersion: '0.1.0',
  isDraining: over.isDraining ?? false,
  membership: over.membership ?? 'in',
  clockOffsetMs: over.clockOffsetMs ?? 0,
  seenAtMs: 2,
  joinedAtMs: 1,
});

export const aPlan = (over: Plain<Plan>): Plan => ({
  farmId,
  id: planId.parse(over.id ?? idAt(1)),
  packageId: packageId.parse('tiddlywiki'),
  key: 'S',
  name: { en: 'Small', ru: 'Малый' },
  memoryBytes: 1,
  cpuMillicores: 1,
  diskBytes: over.diskBytes ?? 1,
});

export const aJob = (over: {
  readonly id?: string;
  readonly actor?: Job['actor'];
  readonly endedAtMs?: number;
  readonly placement?: unknown;
}): Job => ({
  id: jobId.parse(over.id ?? idAt(1)),
  farmId,
  type: 'create',
  version: 1,
  subject: { kind: 'instance', id: idAt(1), name: 'anna' },
  actor: over.actor ?? { kind: 'system' },
  requestKey: 'request-1',
  state: 'running',
  direction: 'forward',
  input: { name: 'anna' },
  failure: null,
  traces: [],
  placement: over.placement,
  createdAtMs: 1,
  endedAtMs: over.endedAtMs ?? null,
});

export const aStep = (over: { readonly checkpoint?: JobStep['checkpoint'] }): JobStep => ({
  id: `${idAt(1)}:0`,
  farmId,
  jobId: jobId.parse(idAt(1)),
  index: 0,
  name: 'check',
  outcome: 'waiting',
  attempts: 0,
  startedAtMs: null,
  endedAtMs: null,
  waiting: null,
  failure: { code: 'DISK_FULL', parameters: { server: 's', path: '/p' } },
  actor: { kind: 'system' },
  checkpoint: over.checkpoint ?? {},
});

export const aDomain = (over: { readonly id?: string }): FarmDomain => ({
  id: domainId.parse(over.id ?? idAt(1)),
  farmId,
  name: 'farm.example',
  dnsKind: 'builtin',
  dnsSettings: { port: 5353 },
  sealedCredentials: '',
  isDefault: true,
  createdAtMs: 1,
});
