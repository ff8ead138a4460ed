import type { InstanceView } from '#contract/api/instances.ts';
import { domainId, instanceId, packageId, planId, serverId } from '#contract/ids.ts';

const uuid = (n: number): string => `019ab000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const numberOf = (name: string): number => [...name].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 2 ** 40, 7);

/** An instance as the core tells it, for tests of this folder. */
export function instanceRow(name: string, change: Partial<InstanceView> = {}): InstanceView {
  return {
    id: instanceId.parse(uuid(numberOf(name))),
    name,
    domain: { id: domainId.parse(uuid(1)), name: 'farm.example' },
    host: `${name}.farm.example`,
    url: `https://${name}.farm.example/`,
    server: { id: serverId.parse(uuid(2)), name: 'Larch' },
    package: { id: packageId.parse('tiddlywiki'), name: 'TiddlyWiki', version: '5.3.8' },
    plan: { id: planId.parse(uuid(3)), key: 'S', name: 'Small' },
    limits: { memoryBytes: 2 ** 29, cpuMillicores: 500, diskBytes: 5 * 2 ** 30 },
    labels: [],
    condition: { mark: 'good', code: 'running', parameters: {}, sinceMs: 0 },
    restarts: 0,
    createdAtMs: 0,
    isPasswordHandedOver: false,
    ...change,
  };
}
