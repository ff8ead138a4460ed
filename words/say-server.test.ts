import { describe, expect, test } from 'vitest';
import type { ServerView } from '#contract/api/servers.ts';
import { serverId } from '#contract/ids.ts';
import { sayServerCure } from './say-server.ts';
import { createTranslate } from './translate.ts';

const en = createTranslate('en', 'UTC');
const ru = createTranslate('ru', 'UTC');
const none = { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 };
const hazel = (condition: Omit<ServerView['condition'], 'sinceMs'>): ServerView => ({
  ...{ id: serverId.parse('019ab000-0000-7000-8000-000000000001'), name: 'Hazel', address: '203.0.113.27:7443', publicAddresses: [] },
  ...{
    httpsPort: 443,
    httpPort: 80,
    isEdgeLocal: false,
    os: 'linux',
    arch: 'x64',
    osVersion: 'Debian 12',
    agentVersion: '0.1.0',
    keyFingerprint: 'd41f09',
  },
  ...{ isSimulated: false, isDraining: false, isIsolated: true, capacity: none, promised: none, room: 0, field: 'gg', joinedAtMs: 0 },
  condition: { ...condition, sinceMs: 0 },
});
const edge = (problem: string, more: Record<string, string | number> = {}) =>
  hazel({ mark: 'bad', code: 'edge', parameters: { problem, port: 443, owner: 'unknown', cause: '', address: '', ...more } });

describe('what is wrong with a server, and what helps', () => {
  test('nothing is said of a ready one', () => {
    expect(sayServerCure(en, hazel({ mark: 'good', code: 'ready', parameters: {} }))).toBeUndefined();
  });

  test('object, cause and next step', () => {
    expect(sayServerCure(en, hazel({ mark: 'bad', code: 'agent-or-network', parameters: {} }))).toEqual({
      title: 'Nothing answers at the address of Hazel',
      says: 'Its agent hangs, or Hazel has no power or no network, or a firewall drops the connection to 203.0.113.27:7443. If the addresses of its customers still open, it is the agent; otherwise a look at the server itself tells which.',
    });
  });

  test.each([
    ['reached', /Customers do not notice/, /не замечают/],
    ['dark', /Customers do notice: .* do not open either/, /замечают: адреса экземпляров тоже не открываются/],
    ['unknown', /has not been seen from here yet/, /ещё не проверено/],
    [undefined, /has not been seen from here yet/, /ещё не проверено/],
  ])('of a silent agent, customers notice nothing only where that was seen: %s', (reach, english, russian) => {
    const server = hazel({ mark: 'bad', code: 'agent', parameters: reach === undefined ? {} : { seenAtMs: 0, edge: reach } });
    const [said, saidInRussian] = [sayServerCure(en, server)?.says ?? '', sayServerCure(ru, server)?.says ?? ''];
    expect(said).toMatch(english);
    expect(saidInRussian).toMatch(russian);
    if (reach !== 'reached') expect(said).not.toContain('do not notice');
  });

  test('of an edge: who has the port, why the system refuses it, where nothing answers', () => {
    expect(sayServerCure(en, edge('portTaken', { owner: 'nginx' }))?.says).toMatch(/^The program nginx on Hazel has port 443, /);
    expect(sayServerCure(en, edge('portTaken'))?.says).toMatch(/^Another program on Hazel has port 443, /);
    expect(sayServerCure(en, edge('notListening', { cause: 'EACCES' }))?.says).toContain('at port 443 (EACCES)');
    expect(sayServerCure(en, edge('outside', { address: 'anna.farm.test', cause: 'timeout' }))?.says).toMatch(
      /^At anna\.farm\.test nothing/,
    );
    expect(sayServerCure(en, edge('from the future'))?.title).toBe('Visitors do not reach Hazel');
    expect(sayServerCure(ru, edge('portTaken', { owner: 'nginx' }))?.says).toContain('Программа nginx');
    const redirect = hazel({ mark: 'warning', code: 'redirect', parameters: { port: 80, owner: 'nginx', cause: 'EADDRINUSE' } });
    expect(sayServerCure(en, redirect)?.says).toMatch(/^The program nginx has port 80\. Addresses with https still open/);
  });
});
