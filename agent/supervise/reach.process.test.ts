import { expect, test } from 'vitest';
import { placePackage, testSpec } from '../testing/applications.ts';
import { openSupervision, temporaryHome } from '../testing/test-agent.ts';

test('what it may reach follows the agreement, never beyond what it was made with, also in the next life of its agent', async () => {
  const home = await temporaryHome();
  const { supervisor, packages, instances } = await openSupervision(home.folders);
  const network = { loopbackPorts: [5432, 6379], metadata: true };
  const part = { loopbackPorts: [6379], metadata: false };
  await supervisor.create({ ...testSpec('anna', 'healthy', await placePackage(home.folders, packages)), network });
  expect(await supervisor.allow('anna', { loopbackPorts: [6379, 22], metadata: false })).toMatchObject({
    network: { asked: network, allowed: part },
  });
  expect(instances.get('anna')?.allowed).toEqual(part);
  supervisor.close();
  const next = await openSupervision(home.folders);
  expect(next.supervisor.describe('anna').network).toEqual({ asked: network, allowed: part });
  expect((await next.supervisor.allow('anna', network)).network?.allowed).toEqual(network);
  await expect(next.supervisor.allow('boris', network)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await next.supervisor.remove('anna');
  next.supervisor.close();
  await home.remove();
});
