import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Router } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentApi } from '#contract/agent/index.ts';
import { keyHashOf } from './der.ts';
import { openLinkFiles, readOwnKey } from './link-files.ts';
import { startAgentLink } from './start-agent-link.ts';
import type { CommandContext } from './types.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-link-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string): string => join(folder, 'link', name);

describe('the link’s files', () => {
  it('hold one key for the whole life, readable by nobody else', () => {
    const first = keyHashOf(openLinkFiles(folder).key);
    expect(keyHashOf(openLinkFiles(folder).key).equals(first)).toBe(true);
    expect(statSync(file('key.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'link')).mode & 0o777).toBe(0o700);
  });

  it('are old or new after a kill in the middle of a write, never half', () => {
    const files = openLinkFiles(folder);
    files.saveCode({ secret: '0011223344', expiresAtMs: 5, wrongTries: 1, isSpent: false });
    writeFileSync(file('pairing.json.new'), '{"secret":"00');
    writeFileSync(file('identity.json.new'), '');
    const again = openLinkFiles(folder);
    expect(again.code()).toMatchObject({ secret: '0011223344', wrongTries: 1 });
    expect(again.identity()).toBeUndefined();
    again.saveCode(undefined);
    again.saveCode(undefined);
    expect(openLinkFiles(folder).code()).toBeUndefined();
  });

  it('name the one that cannot be read, and leave it as it is', () => {
    openLinkFiles(folder);
    for (const [name, problem] of [
      ['identity.json', 'json'],
      ['pairing.json', 'json'],
      ['key.pem', 'key'],
    ] as const) {
      writeFileSync(file(name), '{"half":');
      expect(() => openLinkFiles(folder)).toThrow(
        expect.objectContaining({ code: 'HOME_HALF_WRITTEN', parameters: { path: file(name), problem } }),
      );
      expect(readFileSync(file(name), 'utf8')).toBe('{"half":');
      if (name !== 'key.pem') rmSync(file(name));
    }
  });
});

describe('the own key, read for a person', () => {
  const identity = {
    farmId: 'farm-1',
    farmName: 'Brightwater',
    serverId: 'server-1',
    chainPem: '',
    authorityPem: '',
    highestEpoch: 1,
    isConfirmed: true,
    joinedAtMs: 1,
  };

  it('makes nothing where no agent has run', () => {
    expect(readOwnKey(folder)).toBeUndefined();
    expect(existsSync(join(folder, 'link'))).toBe(false);
    expect(readOwnKey(join(folder, 'no', 'folder'))).toBeUndefined();
  });

  it('is the same before, in and after a farm, and beside what a killed write left', () => {
    const files = openLinkFiles(folder);
    const keyFingerprint = keyHashOf(files.key).toString('hex');
    expect(readOwnKey(folder)).toEqual({ keyFingerprint, farmName: undefined });
    files.saveIdentity(identity);
    writeFileSync(file('key.pem.new'), '-----BEGIN');
    expect(readOwnKey(folder)).toEqual({ keyFingerprint, farmName: 'Brightwater' });
    files.saveIdentity(undefined);
    expect(readOwnKey(folder)).toEqual({ keyFingerprint, farmName: undefined });
  });

  it.each([
    ['key.pem', 'key'],
    ['identity.json', 'json'],
  ])('names a damaged %s', (name, problem) => {
    openLinkFiles(folder);
    writeFileSync(file(name), 'half');
    expect(() => readOwnKey(folder)).toThrow(
      expect.objectContaining({ code: 'HOME_HALF_WRITTEN', parameters: { path: file(name), problem } }),
    );
    expect(readFileSync(file(name), 'utf8')).toBe('half');
  });
});

describe('starting the link', () => {
  it('says PORT_TAKEN with the port', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const silent = { info: () => {}, warn: () => {}, bug: () => '' };
    const clock = { nowMs: Date.now, after: () => () => {} };
    // No command is called here.
    const router = {} as Router<AgentApi, CommandContext>;
    const start = startAgentLink({
      stateFolder: folder,
      listen: { host: '127.0.0.1', port },
      clock,
      log: silent,
      agentVersion: '1',
      router,
    });
    await expect(start).rejects.toMatchObject({ code: 'PORT_TAKEN', parameters: { port } });
    await new Promise((resolve) => holder.close(resolve));
  });
});
