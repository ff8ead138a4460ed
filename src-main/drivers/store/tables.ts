import { actorKey } from '../../model/operators/by.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Customer } from '../../model/customers/customer.ts';
import type { Plan } from '../../model/plans/plan.ts';
import type { ApplicationPackage } from '../../model/packages/application-package.ts';
import type { FarmDomain, OwnedRecord, ServedRecord } from '../../model/domains/farm-domain.ts';
import type { FarmCertificate } from '../../model/certificates/farm-certificate.ts';
import type { Job, JobStep, Lock } from '../../model/jobs/job.ts';
import type { AuditLine } from '../../model/jobs/audit-log.ts';
import type { AlertRecord } from '../../model/monitoring/alert-record.ts';
import type { Act, Duration, Setting, StoredSample } from '../../ports/store.ts';
import type { TableShape } from './columns.ts';

// The tables as the newest migration leaves them. Adding a table: an object here, a line in the port, a numbered migration.

export const farms: TableShape<Farm> = {
  table: 'farms',
  columns: { id: 'text', name: 'text', language: 'text', timeZone: 'text', epoch: 'int', isDemo: 'bool', createdAtMs: 'int' },
};

export const servers: TableShape<Server> = {
  table: 'servers',
  columns: {
    id: 'text',
    farmId: 'text',
    name: 'text',
    address: 'text',
    publicAddresses: 'json',
    keyFingerprint: 'text',
    facts: 'json',
    agentVersion: 'text',
    isDraining: 'bool',
    membership: 'text',
    clockOffsetMs: 'real',
    seenAtMs: 'int',
    joinedAtMs: 'int',
  },
};

export const instances: TableShape<Instance> = {
  table: 'instances',
  columns: {
    id: 'text',
    farmId: 'text',
    name: 'text',
    domainId: 'text',
    customerId: 'text?',
    serverId: 'text?',
    packageId: 'text',
    packageVersion: 'text',
    manifestHash: 'text',
    planId: 'text',
    labels: 'json',
    parameters: 'json',
    sealedSecrets: 'text',
    desired: 'text',
    handedOverAtMs: 'int?',
    jobId: 'text?',
    createdAtMs: 'int',
  },
};

export const customers: TableShape<Customer> = {
  table: 'customers',
  columns: { id: 'text', farmId: 'text', name: 'text', contact: 'text', language: 'text', externalReference: 'text', createdAtMs: 'int' },
};

export const plans: TableShape<Plan> = {
  table: 'plans',
  columns: {
    id: 'text',
    farmId: 'text',
    packageId: 'text',
    key: 'text',
    name: 'json',
    memoryBytes: 'int',
    cpuMillicores: 'int',
    diskBytes: 'int',
  },
};

export const packages: TableShape<ApplicationPackage> = {
  table: 'packages',
  columns: {
    id: 'text',
    farmId: 'text',
    packageId: 'text',
    version: 'text',
    manifestJson: 'text',
    manifestHash: 'text',
    signature: 'text',
    payloads: 'json',
    addedAtMs: 'int',
  },
};

export const domains: TableShape<FarmDomain> = {
  table: 'domains',
  columns: {
    id: 'text',
    farmId: 'text',
    name: 'text',
    dnsKind: 'text',
    dnsSettings: 'json',
    sealedCredentials: 'text',
    isDefault: 'bool',
    createdAtMs: 'int',
  },
};

export const ownedRecords: TableShape<OwnedRecord> = {
  table: 'owned_records',
  columns: {
    id: 'text',
    farmId: 'text',
    domainId: 'text',
    instanceId: 'text',
    name: 'text',
    type: 'text',
    value: 'text',
    ttlSeconds: 'int',
    createdAtMs: 'int',
  },
};

export const servedRecords: TableShape<ServedRecord> = {
  table: 'served_records',
  columns: { id: 'text', farmId: 'text', zone: 'text', name: 'text', type: 'text', value: 'text', ttlSeconds: 'int' },
};

export const certificates: TableShape<FarmCertificate> = {
  table: 'certificates',
  columns: {
    id: 'text',
    farmId: 'text',
    domainId: 'text?',
    kind: 'text',
    names: 'json',
    chainPem: 'text',
    sealedKey: 'text',
    issuer: 'text',
    serialNumber: 'text',
    fingerprintSha256: 'text',
    notBeforeMs: 'int',
    notAfterMs: 'int',
    createdAtMs: 'int',
  },
};

export const jobs: TableShape<Job> = {
  table: 'jobs',
  columns: {
    id: 'text',
    farmId: 'text',
    type: 'text',
    version: 'int',
    subject: 'json',
    actor: 'json',
    requestKey: 'text',
    state: 'text',
    direction: 'text',
    input: 'json',
    failure: 'json',
    traces: 'json',
    placement: 'json',
    createdAtMs: 'int',
    endedAtMs: 'int?',
  },
  // The actor as one text, so that one request key of one actor makes one job.
  derived: { actor_key: (job) => actorKey(job.actor), subject_id: (job) => job.subject.id },
};

export const jobSteps: TableShape<JobStep> = {
  table: 'job_steps',
  columns: {
    id: 'text',
    farmId: 'text',
    jobId: 'text',
    index: 'int',
    name: 'text',
    outcome: 'text',
    attempts: 'int',
    startedAtMs: 'int?',
    endedAtMs: 'int?',
    waiting: 'json',
    failure: 'json',
    actor: 'json',
    checkpoint: 'json',
  },
};

export const locks: TableShape<Lock> = {
  table: 'locks',
  columns: { id: 'text', farmId: 'text', jobId: 'text', takenAtMs: 'int' },
};

export const auditLog: TableShape<AuditLine> = {
  // The table keeps the name of earlier versions.
  table: 'journal',
  columns: {
    id: 'text',
    farmId: 'text',
    subjectId: 'text',
    atMs: 'int',
    code: 'text',
    parameters: 'json',
    actor: 'json',
    failure: 'json',
  },
};

export const acts: TableShape<Act> = {
  table: 'acts',
  columns: {
    id: 'text',
    farmId: 'text',
    procedure: 'text',
    inputHash: 'text',
    actor: 'json',
    state: 'text',
    answer: 'json',
    atMs: 'int',
  },
};

export const alerts: TableShape<AlertRecord> = {
  table: 'alerts',
  columns: {
    id: 'text',
    farmId: 'text',
    code: 'text',
    subjectId: 'text',
    openedAtMs: 'int',
    lastSeenAtMs: 'int',
    closedAtMs: 'int?',
  },
};

export const durations: TableShape<Duration> = {
  table: 'durations',
  columns: { id: 'text', farmId: 'text', jobType: 'text', step: 'text', durationMs: 'real', atMs: 'int' },
};

export const settings: TableShape<Setting> = {
  table: 'settings',
  columns: { id: 'text', farmId: 'text', value: 'json' },
};

export const samples: TableShape<StoredSample> = {
  table: 'samples',
  columns: {
    farmId: 'text',
    serverId: 'text',
    subjectId: 'text',
    atMs: 'int',
    agentAtMs: 'int',
    clockOffsetMs: 'real',
    values: 'json',
  },
};
