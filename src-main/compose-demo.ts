import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import type { Language } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import type { CoreOptions } from './compose.ts';
import { zonesPath } from './compose-drivers.ts';
import type { FarmServices } from './compose-farm.ts';
import { systemBy } from './model/operators/by.ts';
import type { Changes } from './ports/changes.ts';
import type { Store } from './ports/store.ts';
import { createDemoService, type DemoService } from './services/settings/demo-service.ts';
import type { FarmHolder } from './services/settings/farm-holder.ts';

/**
 * The demo's domain, waited for: a start that was killed in the middle of adding it goes on with the job that it left. Throws the cause where it stopped.
 */
async function addDemoDomain(store: Store, { domains, jobs }: FarmServices, name: string): Promise<void> {
  const row = (await domains.rows()).find((domain) => domain.name === name);
  const lock = row === undefined ? undefined : await store.locks.get(`domain:${row.id}`);
  if (row !== undefined && lock === undefined) return;
  const begun =
    lock === undefined
      ? await domains.add(name, { kind: 'builtin' }, systemBy(`demo-domain:${randomUUID()}`))
      : await jobs.settled(lock.jobId);
  const isStoppedOrPaused = begun.state === 'stopped' || begun.state === 'paused';
  if (isStoppedOrPaused) await jobs.continue(begun.id, systemBy(`demo-domain:${randomUUID()}`));
  const { state, failure } = await jobs.settled(begun.id);
  if (state !== 'done')
    throw farmErrorFrom(failure?.code ?? 'JOB_CANCELLED', failure?.parameters ?? { jobId: begun.id }) ?? new Error(`domain ${state}`);
}

/** The demo farm over the same services as any other. */
export function createDemo(
  options: CoreOptions & { readonly changes: Changes; readonly holder: FarmHolder; readonly farm: FarmServices },
): DemoService {
  const { farm, drivers } = options;
  return createDemoService({
    store: drivers.store,
    holder: options.holder,
    local: drivers.localAgents,
    changes: options.changes,
    log: options.log,
    clock: options.clock,
    leave: farm.leaveFarm,
    agentHome: (name) => join(options.home, 'agents', name),
    timeZone: options.timeZone,
    farmName: (language: Language) => createTranslate(language, options.timeZone)('settings.demo.farmName'),
    startFarm: farm.settings.startFarm,
    addDomain: (name) => addDemoDomain(drivers.store, farm, name),
    joinServer: farm.servers.join,
    reopen: async (server) => {
      await farm.directory.close(server.id);
      await farm.directory.open(server);
    },
    syncPackages: farm.syncPackages,
    closed: async () => {
      // No job may write a name any more when they are taken out.
      await farm.jobs.close();
      await farm.clearRecords();
      await farm.closeFarm();
      // The built-in name server's file would outlive the farm whose names it held.
      await rm(zonesPath(options.home), { force: true });
    },
  });
}
