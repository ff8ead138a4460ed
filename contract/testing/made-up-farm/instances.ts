import { type InstanceView, instanceView } from '../../api/instances.ts';
import type { ServerView } from '../../api/servers.ts';
import { customerOf, DAY_MS, GB, HOUR_MS, MB, nameOf, NOW_MS, seeded, uuid } from './numbers.ts';

export const instanceIdOf = (index: number): string => uuid(3, index + 1);
export const domainName = 'farm.example';

const codes: Record<string, InstanceView['condition']['code']> = {
  g: 'running',
  w: 'starting',
  a: 'slow',
  b: 'crash-loop',
  p: 'suspended',
  u: 'not-seen',
};
const marks = { g: 'good', w: 'working', a: 'warning', b: 'bad', p: 'paused', u: 'unknown' } as const;
type Letter = keyof typeof marks;
const isLetter = (text: string): text is Letter => Object.hasOwn(marks, text);
/** Arguments that some sentence of a state may need. */
const parameters = { exitCode: '1', seconds: 3, tries: 4, name: '' };

function makeInstance(index: number, letter: string, server: ServerView): InstanceView {
  const random = seeded(index + 1);
  const mark = isLetter(letter) ? marks[letter] : 'unknown';
  const name = nameOf(index);
  const isUp = mark === 'good' || mark === 'warning';
  const plan = [
    ['S', 512],
    ['M', 1_024],
    ['L', 2_048],
  ][index % 5 === 0 ? 1 : index % 7 === 0 ? 2 : 0] as [string, number];
  return {
    id: instanceIdOf(index),
    name,
    customer: { id: uuid(5, index + 1), name: customerOf(index) },
    domain: { id: uuid(6, 1), name: domainName },
    host: `${name}.${domainName}`,
    url: `https://${name}.${domainName}`,
    server: { id: server.id, name: server.name },
    package: { id: 'tiddlywiki', name: 'TiddlyWiki', version: '5.4.0' },
    plan: { id: uuid(7, ['S', 'M', 'L'].indexOf(plan[0]) + 1), key: plan[0], name: plan[0] },
    limits: { memoryBytes: plan[1] * MB, cpuMillicores: plan[1] / 2, diskBytes: (plan[1] / 100) * GB },
    labels: index % 4 === 0 ? ['contract'] : [],
    condition: {
      mark,
      code: codes[letter] ?? 'not-seen',
      parameters: { ...parameters, name },
      sinceMs: NOW_MS - Math.round(random() * DAY_MS),
    },
    seenAtMs: NOW_MS - 2_000,
    ...(isUp && { answerMs: Math.round(mark === 'warning' ? 2_400 : 30 + random() * 140) }),
    ...(isUp && { cpuMillicores: Math.round(random() * 200), memoryBytes: Math.round(plan[1] * MB * (0.3 + random() * 0.5)) }),
    diskBytes: Math.round((0.2 + random()) * GB),
    restarts: mark === 'bad' ? 14 : 0,
    ...(isUp && { startedAtMs: NOW_MS - 9 * DAY_MS }),
    createdAtMs: NOW_MS - 40 * DAY_MS + index * HOUR_MS * 0.01,
    isPasswordHandedOver: index % 6 !== 0,
  } as unknown as InstanceView;
}

/** One instance for every letter of every server's field. The first is checked against the contract, and so stands for all. */
export function instancesOn(servers: readonly ServerView[]): readonly InstanceView[] {
  const instances: InstanceView[] = [];
  for (const server of servers) for (const letter of server.field) instances.push(makeInstance(instances.length, letter, server));
  const [first] = instances;
  if (first !== undefined) instanceView.parse(first);
  return instances;
}
