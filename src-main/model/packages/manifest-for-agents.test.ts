import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageManifest } from '#contract/package-manifest.ts';
import { manifestForAgents } from './manifest-for-agents.ts';

const textOf = (id: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'assets', 'packages', id, 'manifest.json'), 'utf8');

test('an agent gets everything but what is for people only', () => {
  const text = textOf('tiddlywiki');
  const manifest = packageManifest.parse(JSON.parse(text));
  const sent: unknown = JSON.parse(manifestForAgents(text, manifest));
  const { passwordChange, ...handOver } = manifest.handOver;
  expect(passwordChange).toEqual({ kind: 'never' });
  expect(sent).toEqual({ ...manifest, handOver });
});

test('how long it may hang travels with each instance, because agents of the first days know no such field', () => {
  const written = JSON.parse(textOf('static-site'));
  const text = JSON.stringify({ ...written, health: { ...written.health, hangSeconds: 300 } });
  const manifest = packageManifest.parse(JSON.parse(text));
  expect(manifest.health.hangSeconds).toBe(300);
  expect(manifestForAgents(text, manifest)).toBe(JSON.stringify(written));
});

test('what it asks to reach travels with each instance too', () => {
  const written = JSON.parse(textOf('static-site'));
  const text = JSON.stringify({ ...written, network: { loopbackPorts: [5432] } });
  const manifest = packageManifest.parse(JSON.parse(text));
  expect(manifest.network).toEqual({ loopbackPorts: [5432] });
  expect(manifestForAgents(text, manifest)).toBe(JSON.stringify(written));
});

test('where there is no such thing, the manifest goes as it was written, so that its hash stays', () => {
  const text = textOf('static-site');
  expect(manifestForAgents(text, packageManifest.parse(JSON.parse(text)))).toBe(text);
});
