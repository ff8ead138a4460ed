import { ORPCError } from '@orpc/server';
import type { CertificateView } from '#contract/api/certificates.ts';
import type { CustomerView } from '#contract/api/customers.ts';
import type { DomainView } from '#contract/api/domains.ts';
import type { HandOver, InstancePage, InstanceView, LogLine, PathCheck, instanceQuery } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { PackageView, PlanView } from '#contract/api/packages.ts';
import type { PlacementProposal } from '#contract/api/placement.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { FarmView } from '#contract/api/settings.ts';
import type * as z from 'zod';
import { makeJob } from '#contract/testing/made-up-farm/jobs.ts';
import type { Farm } from '#contract/testing/made-up-farm/farms.ts';
import { DAY_MS, GB, MB, NOW_MS, SECOND_MS, uuid } from '#contract/testing/made-up-farm/numbers.ts';

type Query = z.infer<typeof instanceQuery>;
const missing = (kind: string, name: string): ORPCError<'NOT_FOUND', unknown> =>
  new ORPCError('NOT_FOUND', { status: 404, data: { kind, name } });
const order = { bad: 0, warning: 1, unknown: 2, working: 3, paused: 4, good: 5 } as const;

function pageOf(instances: readonly InstanceView[], query: Query): InstancePage {
  const text = query.filter.text?.toLowerCase();
  const found = instances.filter((instance) => {
    if (text !== undefined && !`${instance.name} ${instance.customer?.name ?? ''} ${instance.host}`.toLowerCase().includes(text))
      return false;
    if (query.filter.serverId !== undefined && instance.server?.id !== query.filter.serverId) return false;
    return query.filter.marks === undefined || query.filter.marks.length === 0 || query.filter.marks.includes(instance.condition.mark);
  });
  const key = (instance: InstanceView): string | number =>
    query.sort === 'state'
      ? order[instance.condition.mark]
      : query.sort === 'memory'
        ? (instance.memoryBytes ?? 0)
        : query.sort === 'answer'
          ? (instance.answerMs ?? 0)
          : instance.name;
  const sorted = found.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (query.isDescending ? -1 : 1));
  const counts = { good: 0, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
  for (const instance of instances) counts[instance.condition.mark] += 1;
  return { total: sorted.length, offset: query.offset, rows: sorted.slice(query.offset, query.offset + query.limit), counts };
}

const plans = (['S', 'M', 'L'] as const).map((key, index) => ({
  id: uuid(7, index + 1),
  packageId: 'tiddlywiki',
  key,
  name: key,
  limits: { memoryBytes: 512 * MB * 2 ** index, cpuMillicores: 250 * 2 ** index, diskBytes: 5 * GB * 2 ** index },
})) as unknown as PlanView[];

const logo =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 24 24%22%3E%3Crect width=%2224%22 height=%2224%22 rx=%225%22 fill=%22%235b7a3a%22/%3E%3C/svg%3E';

const packages = [
  {
    id: 'tiddlywiki',
    version: '5.4.0',
    name: 'TiddlyWiki',
    summary: 'A notebook in the browser for one team.',
    logo,
    parameters: {
      type: 'object',
      properties: {
        password: { type: 'string', title: { en: 'First password', ru: 'Первый пароль' }, 'x-generate': 'password', 'x-secret': true },
      },
      required: [],
    },
    plans,
    platforms: [{ os: 'linux', arch: 'x64' }],
    isDefault: true,
  },
  {
    id: 'ledger',
    version: '2.1.0',
    name: 'Ledger',
    summary: 'Invoices and accounts of a small office.',
    logo,
    parameters: { type: 'object', properties: {}, required: [] },
    plans: plans.map((plan, at) => ({ ...plan, id: uuid(7, at + 11), packageId: 'ledger' })),
    platforms: [{ os: 'linux', arch: 'x64' }],
    isDefault: false,
    network: { loopbackPorts: [5432], metadata: true, isAgreed: false },
  },
] as unknown as PackageView[];

const road: readonly Pick<PathCheck, 'stone' | 'mark' | 'code'>[] = [
  { stone: 'name', mark: 'good', code: 'good' },
  { stone: 'certificate', mark: 'good', code: 'good' },
  { stone: 'edge', mark: 'good', code: 'good' },
  { stone: 'application', mark: 'good', code: 'good' },
  { stone: 'selfCheck', mark: 'good', code: 'good' },
];

function certificateOf(farm: Farm, kind: CertificateView['kind'], number: number): CertificateView {
  const endsSoon = kind === 'test-wildcard' && farm.alerts.some((alert) => alert.code === 'certificate-ends');
  const leftDays = endsSoon ? 6 : kind === 'site-authority' ? 3_560 : 71;
  return {
    id: uuid(8, number),
    names: [kind === 'site-authority' ? 'Brightwater site authority' : `*.${farm.farm?.defaultDomain || 'farm.example'}`],
    kind,
    condition: { mark: endsSoon ? 'warning' : 'good', code: endsSoon ? 'ends-soon' : 'valid', parameters: { days: leftDays } },
    issuer: 'Brightwater site authority',
    notBeforeMs: NOW_MS - 19 * DAY_MS,
    notAfterMs: NOW_MS + leftDays * DAY_MS,
    fingerprintSha256: '9f2c41ab'.repeat(8),
    keyKind: 'ECDSA P-256',
    serialNumber: '4f:21:9c:00:7b:e1',
    servers: kind === 'site-authority' ? [] : farm.servers.map((server) => server.name),
    isPubliclyTrusted: false,
  } as unknown as CertificateView;
}

function proposalOf(farm: Farm): PlacementProposal {
  const verdicts = ['best', 'good', 'fits', 'refused'] as const;
  const reasons = [
    { code: 'best', resource: 'memory', freePercent: 41, unmeasuredCount: 0, package: 'there' },
    { code: 'good', resource: 'memory', freePercent: 37, unmeasuredCount: 0, package: 'to-send' },
    { code: 'tight', resource: 'disk', freeAfterPercent: 9 },
    { code: 'draining' },
  ] as const;
  const shown = farm.servers.slice(0, 4);
  return {
    ...(shown[0] !== undefined && { chosen: shown[0].id }),
    candidates: shown.map((server, index) => ({
      serverId: server.id,
      serverName: server.name,
      verdict: verdicts[index] ?? 'good',
      reason: reasons[index] ?? reasons[1],
      measuredAtMs: NOW_MS - 2 * SECOND_MS,
      capacity: server.capacity,
      ...(server.measured !== undefined && { now: server.measured }),
      promisedAfter: server.promised,
    })),
    usuallyMs: 5_800,
  };
}

const olga = { kind: 'operator', name: 'Olga' } as const;
const did = (code: string, parameters: LogLine['parameters'] = {}, more: Partial<LogLine> = {}): Omit<LogLine, 'atMs'> => ({
  stream: 'farm',
  text: code,
  code,
  parameters,
  actor: olga,
  ...more,
});
const step = (name: string) => did('job.step-done', { type: 'create', step: name });
const slow = {
  code: 'DNS_SLOW',
  parameters: { server: 'ns2.farm.example', domain: 'farm.example', name: 'anna.farm.example', seconds: 10 },
};

/** A create that stopped at the name server and was continued, and a restart. */
const logLines: readonly Omit<LogLine, 'atMs'>[] = [
  did('job.begun', { type: 'create' }),
  step('check'),
  step('place'),
  did('job.stopped', { type: 'create', step: 'dns', direction: 'forward' }, { failure: slow }),
  did('job.continued', { type: 'create', direction: 'forward' }, { actor: { kind: 'token', name: 'WHMCS' } }),
  step('dns'),
  step('package'),
  step('setup'),
  { stream: 'agent', text: 'started, process 20131' },
  { stream: 'out', text: 'Boot log: starting tiddlywiki 5.4.0' },
  { stream: 'error', text: 'Warning: no plugin “aws” here' },
  { stream: 'out', text: 'Serving on http://127.0.0.1:20131' },
  ...['start', 'route', 'outside', 'handover'].map(step),
  did('job.done', { type: 'create' }),
  did('act.handOver', { password: 'yes' }),
  { stream: 'out', text: 'syncer-server-filesystem: Dispatching “save” task: Plans for autumn' },
  did('act.restart'),
  { stream: 'out', text: 'GET /status 200' },
];
const logOf = (nowMs: number): LogLine[] => logLines.map((line, index) => ({ ...line, atMs: nowMs - (140 - index * 7) * SECOND_MS }));

/** What the made-up farm answers. */
export function createFarmObjects(farm: Farm) {
  const made: JobView[] = [];
  const hasDomain = farm.farm !== undefined && farm.farm.defaultDomain !== '';
  const certificates: readonly CertificateView[] = hasDomain
    ? [certificateOf(farm, 'test-wildcard', 1), certificateOf(farm, 'site-authority', 2)]
    : [];
  const domains = (hasDomain
    ? [
        {
          id: uuid(6, 1),
          name: farm.farm?.defaultDomain ?? 'farm.example',
          dns: {
            kind: farm.farm?.isDemo === true ? 'builtin' : 'powerdns',
            server: 'ns1.farm.example',
            isReachable: true,
            checkedAtMs: NOW_MS - 8 * SECOND_MS,
          },
          isDefault: true,
          ...(farm.instances.length > 1000 && {
            wildcard: {
              name: '*.farm.example',
              values: ['203.0.113.24'],
              serverId: farm.servers[0]?.id,
              serverName: 'Alder',
              isRelied: true,
            },
          }),
          records: farm.instances
            .slice(0, 60)
            .map((instance) => ({ name: instance.host, type: 'A', value: '203.0.113.24', ttlSeconds: 60, instanceName: instance.name })),
          createdAtMs: NOW_MS - 80 * DAY_MS,
        },
      ]
    : []) as unknown as readonly DomainView[];
  const customers: readonly CustomerView[] = farm.instances.slice(0, 40).map(
    (instance, index) =>
      ({
        id: uuid(5, index + 1),
        name: instance.customer?.name ?? '',
        contact: '',
        language: 'en',
        externalReference: '',
        instances: 1,
        createdAtMs: NOW_MS,
      }) as unknown as CustomerView,
  );
  const first = <T>(list: readonly T[], kind: string): T => {
    const [found] = list;
    if (found === undefined) throw missing(kind, '');
    return found;
  };
  return {
    certificates,
    domains,
    certificate: () => first(certificates, 'certificate'),
    domain: () => first(domains, 'domain'),
    customer: () => first(customers, 'customer'),
    customers: (text: string) => customers.filter((customer) => customer.name.toLowerCase().includes(text.toLowerCase())),
    pem: (fileName: string) => ({ fileName, mediaType: 'application/x-pem-file', text: '-----BEGIN CERTIFICATE-----\n' }),
    instance: (is: (instance: InstanceView) => boolean, name: string): InstanceView => {
      const found = farm.instances.find(is);
      if (found === undefined) throw missing('instance', name);
      return found;
    },
    page: (query: Query): InstancePage => pageOf(farm.instances, query),
    road: (instance: InstanceView): PathCheck[] => {
      const brokenAt = instance.condition.mark === 'bad' ? 3 : 9;
      return road.map((check, index) => ({
        ...check,
        mark: index < brokenAt ? check.mark : index === brokenAt ? 'bad' : 'unknown',
        code: index < brokenAt ? check.code : index === brokenAt ? 'down' : 'not-reached',
        parameters: {
          address: '203.0.113.24',
          days: 71,
          answerMs: instance.answerMs ?? 0,
          server: instance.server?.name ?? '',
          status: 200,
        },
        checkedAtMs: NOW_MS - 20 * SECOND_MS,
      }));
    },
    checkName: (name: string) =>
      name === 'kestrel'
        ? { verdict: 'refused' as const, code: 'NAME_TAKEN', parameters: { name, address: `${name}.farm.example` }, proposal: `${name}-2` }
        : { verdict: 'free' as const, label: name.toLowerCase(), url: `https://${name.toLowerCase()}.farm.example` },
    job: (id?: string): JobView => {
      const found = id === undefined ? farm.jobs[0] : [...made, ...farm.jobs].find((job) => job.id === id);
      if (found === undefined) throw missing('job', id ?? '');
      return found;
    },
    /** Done at once. */
    serverJob: (type: 'join-server' | 'remove-server' | 'address-server', { id, name }: ServerView): JobView => {
      const number = { 'join-server': 901, 'remove-server': 902, 'address-server': 903 }[type];
      const job = makeJob({ number, type, name, state: 'done', agoMs: 4000, subject: { kind: 'server', id, name } });
      made.push(job);
      return job;
    },
    handOver: (instance: InstanceView): HandOver => ({
      url: instance.url,
      userName: instance.name,
      password: 'fern-lake-7-harbour-oat',
      letter: `Hello,\n\nyour TiddlyWiki is ready at ${instance.url}.\nSign in as ${instance.name}.\n`,
      checkedAtMs: NOW_MS - 3 * SECOND_MS,
      witness: 'servers',
      needsSiteAuthority: true,
    }),
    log: () => logOf(NOW_MS),
    packages: () => packages,
    plans: () => plans,
    proposal: () => proposalOf(farm),
    /** Any whole code joins the newest server, but one that ends in Z is mistyped. */
    joined: (code: string): ServerView => {
      const found = farm.servers.at(-1);
      if (code.endsWith('Z') || found === undefined) throw new ORPCError('CODE_INVALID', { status: 422, data: { reason: 'wrong' } });
      return found;
    },
    server: (id: string): ServerView => {
      const found = farm.servers.find((server) => server.id === id);
      if (found === undefined) throw missing('server', id);
      return found;
    },
    farm: (): FarmView => {
      if (farm.farm === undefined)
        throw new ORPCError('NOT_PERMITTED_BY_OS', { status: 403, data: { what: '/home/marta/.local/share/farmstead' } });
      return farm.farm;
    },
    settings: () => ({
      ...(farm.farm !== undefined && { farm: farm.farm }),
      home: '/home/marta/.local/share/farmstead',
      version: '0.1.0',
      operator: { name: 'Marta Kowal', permission: 'own' as const },
      runsOn: 'Node 24.21.0, Linux 6.1.0, x64',
      keepers: [
        { kind: 'keychain' as const, holds: false, isAvailable: false, reason: 'not-this-shell' as const },
        { kind: 'file' as const, holds: true, isAvailable: true, reason: 'none' as const },
        { kind: 'passphrase' as const, holds: false, isAvailable: true, reason: 'none' as const },
      ],
      store: { kind: 'sqlite' as const, migration: '0001' },
      demo: { step: farm.demoStep, isOffered: true, isPossible: farm.canDemo },
    }),
  };
}
