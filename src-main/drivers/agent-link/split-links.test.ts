import { describe, expect, it } from 'vitest';
import { agentCommandHalves } from '#contract/agent/halves.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { createFakeAgentLinks } from '../../testing/fake-agent-links.ts';
import { systemClock } from '../system/clock.ts';
import { splitLinks } from './split-links.ts';

const identity = { farmId: 'farm-1', epoch: 1, chainPem: '', keyPem: '', authorityPem: '' };

function open() {
  const links = createFakeAgentLinks({ clock: systemClock });
  const agent = createFakeAgent({ name: 'Oak', clock: systemClock, publicAddress: '127.0.0.1' });
  links.add('oak', agent);
  agent.joined('farm-1', 'server-1');
  const split = splitLinks(links);
  const link = split.reading.open(identity, { serverId: 'server-1', serverName: 'Oak', address: 'oak', keyFingerprint: agent.fingerprint });
  return { ...split, link };
}

const commandsOf = (half: object): string[] =>
  Object.entries(half).flatMap(([area, commands]) => Object.keys(Object(commands)).map((command) => `${area}.${command}`));
const classed = (kind: string): string[] =>
  Object.entries(agentCommandHalves).flatMap(([area, commands]) =>
    Object.entries(commands).flatMap(([command, is]) => (is === kind ? [`${area}.${command}`] : [])),
  );

describe('the halves of an agent link', () => {
  it('has every reading command in the reading half, and no writing one, also not at run time', () => {
    expect(commandsOf(open().link.client).toSorted()).toEqual(classed('read').toSorted());
  });

  it('has every writing command in the writing half, and nothing else', () => {
    const { link, writesOf } = open();
    expect(commandsOf(writesOf(link.client)).toSorted()).toEqual(classed('write').toSorted());
  });

  it('leaves what keeps the link up to the driver', () => {
    const { link, writesOf } = open();
    const all = [...commandsOf(link.client), ...commandsOf(writesOf(link.client))];
    expect(classed('link')).toEqual(['link.hello', 'link.beats']);
    expect(all.filter((command) => classed('link').includes(command))).toEqual([]);
  });

  it('reads and writes over the same link', async () => {
    const { link, writesOf } = open();
    await writesOf(link.client).edge.putRoute({
      host: 'anna.farm.test',
      instanceId: 'i1',
      target: { host: '127.0.0.1', port: 1 },
      state: 'running',
      language: 'en',
      providerName: 'Test',
    });
    expect((await link.client.edge.routes()).routes.map(({ host }) => host)).toEqual(['anna.farm.test']);
  });

  it('refuses commands that came from elsewhere', () => {
    expect(() => open().writesOf(open().link.client)).toThrow('of no link that was opened here');
  });
});
