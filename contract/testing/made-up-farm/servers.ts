import { type ServerView, serverView } from '../../api/servers.ts';
import { DAY_MS, GB, MB, NOW_MS, SECOND_MS, seeded, trees, uuid } from './numbers.ts';

export const serverIdOf = (index: number): string => uuid(2, index + 1);
export const serverNameOf = (index: number): string => {
  const tree = trees[index % trees.length] ?? 'Oak';
  return index < trees.length ? tree : `${tree} ${Math.floor(index / trees.length) + 1}`;
};

function fingerprintOf(index: number): string {
  const random = seeded(index + 1_009);
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
}

type Condition = ServerView['condition'];
const ready: Condition = { mark: 'good', code: 'ready', parameters: {}, sinceMs: NOW_MS - DAY_MS };

export type ServerPlan = { readonly field: string; readonly room: number; readonly condition?: Condition; readonly isSimulated?: boolean };

/** A server that carries `field`; its load follows from what stands on it. */
export function makeServer(index: number, plan: ServerPlan): ServerView {
  const random = seeded(index + 7);
  const capacity = { memoryBytes: 32 * GB, cpuMillicores: 16_000, diskBytes: 480 * GB };
  const count = plan.field.length;
  const share = Math.min(0.95, 0.1 + count / Math.max(1, count + plan.room) / 1.9 + random() * 0.08);
  const condition = plan.condition ?? ready;
  const isSilent = condition.mark === 'bad' && condition.code !== 'clock';
  const memoryBytes = Math.round(capacity.memoryBytes * share);
  return serverView.parse({
    id: serverIdOf(index),
    name: serverNameOf(index),
    address: `203.0.113.${20 + (index % 200)}:7443`,
    publicAddresses: [{ address: `203.0.113.${20 + (index % 200)}`, state: 'confirmed' }],
    httpsPort: 443,
    httpPort: 80,
    isEdgeLocal: false,
    os: index % 3 === 0 ? 'windows' : 'linux',
    arch: 'x64',
    osVersion: index % 3 === 0 ? 'Windows Server 2025' : 'Debian 12',
    agentVersion: '0.1.0',
    keyFingerprint: fingerprintOf(index),
    condition,
    seenAtMs: NOW_MS - (isSilent ? 6 * 60 * SECOND_MS : 2 * SECOND_MS),
    clockOffsetMs: 12,
    isSimulated: plan.isSimulated ?? false,
    isDraining: condition.code === 'draining',
    isIsolated: true,
    bounds:
      index % 3 === 0
        ? { memory: 'none', processes: 'none', cpu: 'none', files: 'none', reason: 'notBuilt', waiting: 0 }
        : { memory: 'kept', processes: 'kept', cpu: 'kept', files: 'kept', reason: 'none', waiting: 0 },
    capacity,
    measured: {
      memoryBytes,
      cpuMillicores: Math.round(2_000 + random() * 6_000),
      diskBytes: Math.round(capacity.diskBytes * (0.3 + random() * 0.3)),
    },
    busiest: { memoryBytes: Math.round(memoryBytes * 1.12), cpuMillicores: 9_000, diskBytes: Math.round(capacity.diskBytes * 0.64) },
    promised: { memoryBytes: count * 512 * MB, cpuMillicores: count * 250, diskBytes: count * 5 * GB },
    room: plan.room,
    field: plan.field,
    joinedAtMs: NOW_MS - 90 * DAY_MS + index * DAY_MS,
  });
}

/** `count` healthy letters with exceptions at given places. */
export function fieldOf(count: number, odd: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: count }, (_, index) => odd[index] ?? 'g').join('');
}
