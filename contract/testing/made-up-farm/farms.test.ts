import { describe, expect, it } from 'vitest';
import { instanceView } from '../../api/instances.ts';
import { jobView } from '../../api/jobs.ts';
import { alert } from '../../api/monitoring.ts';
import { serverView } from '../../api/servers.ts';
import { type FarmName, farms } from './farms.ts';

const names = Object.keys(farms) as FarmName[];

describe.each(names)('the made-up farm %s', (name) => {
  it('tells only what the contract lets a core tell', () => {
    const { servers, instances, jobs, alerts } = farms[name]();
    for (const server of servers) expect(serverView.safeParse(server)).toMatchObject({ success: true });
    // Of ten thousand a sample: all are made by one function of their number and their letter.
    for (const [index, instance] of instances.entries())
      if (index < 250 || index % 100 === 0) expect(instanceView.safeParse(instance)).toMatchObject({ success: true });
    for (const job of jobs) expect(jobView.safeParse(job)).toMatchObject({ success: true });
    for (const one of alerts) expect(alert.safeParse(one)).toMatchObject({ success: true });
  });

  it('agrees with itself: every instance stands on a server, every alert is of something there', () => {
    const { servers, instances, jobs, alerts } = farms[name]();
    expect(instances).toHaveLength(servers.reduce((sum, { field }) => sum + field.length, 0));
    const ids = new Set([...servers, ...instances, ...jobs].map(({ id }) => String(id)));
    expect(ids.size).toBe(servers.length + instances.length + jobs.length);
    expect(instances.filter(({ server }) => !ids.has(server?.id ?? ''))).toEqual([]);
    expect(alerts.filter(({ target }) => target.kind !== 'certificate' && !ids.has(target.id))).toEqual([]);
  });

  it('is the same every time', () => expect(farms[name]()).toEqual(farms[name]()));
});
