import * as z from 'zod';
import { failure } from '../errors.ts';
import { farmId, instant, language, permission } from '../ids.ts';
import { line } from '../plain-text.ts';
import { look, own, write } from './base.ts';

export const keeperView = z.object({
  kind: z.enum(['keychain', 'file', 'passphrase']),
  holds: z.boolean(),
  isAvailable: z.boolean(),
  reason: z.enum(['none', 'basic-text', 'no-keychain', 'not-this-shell']),
});
export type KeeperView = z.infer<typeof keeperView>;

export const farmView = z.object({
  id: farmId,
  name: z.string(),
  language,
  timeZone: z.string(),
  createdAtMs: instant,
  /** The farm that this program made to try things on. */
  isDemo: z.boolean(),
  defaultDomain: z.string(),
});
export type FarmView = z.infer<typeof farmView>;

/** What a demo farm's start waits for; the words are `settings.demo.<step>`. */
export const demoStep = z.enum(['none', 'authorities', 'agents', 'pairing', 'certificate', 'packages', 'ready', 'removing', 'failed']);

/** Why the demo farm's start or removal stopped, and in which step. The core keeps it until the act is tried again or the demo farm is removed. */
export const demoFailure = z.object({ act: z.enum(['start', 'remove']), step: demoStep, failure });
export type DemoFailure = z.infer<typeof demoFailure>;

export const settings = {
  get: look
    .route({ method: 'GET', path: '/settings', summary: 'The farm, the home and what keeps its secrets', tags: ['settings'] })
    .output(
      z.object({
        farm: farmView.optional(),
        home: z.string(),
        version: z.string(),
        /** What the core's process is, for support: `Node 24.21.0, Linux 6.1.0, x64`. */
        runsOn: z.string(),
        operator: z.object({ name: z.string(), permission }),
        keepers: z.array(keeperView),
        store: z.object({ kind: z.enum(['sqlite', 'postgres']), migration: z.string() }),
        demo: z.object({
          step: demoStep,
          /** Whether this home is one for a demo farm. */
          isOffered: z.boolean(),
          /** Whether this computer's system is: its servers are agents, which run on Linux and Windows. */
          isPossible: z.boolean(),
          failure: demoFailure.optional(),
        }),
      }),
    ),
  startFarm: own
    .route({ method: 'POST', path: '/settings/farm', summary: 'Start a farm in this home', tags: ['settings'] })
    .input(write({ name: line.min(1).max(80), language, timeZone: line.min(1).max(60) }))
    .output(farmView),
  update: own
    .route({ method: 'PATCH', path: '/settings/farm', summary: "Change the farm's name, language or time zone", tags: ['settings'] })
    .input(write({ name: line.min(1).max(80).optional(), language: language.optional(), timeZone: line.min(1).max(60).optional() }))
    .output(farmView),
  addPassphrase: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({
      method: 'POST',
      path: '/settings/keepers/passphrase',
      summary: 'Add a passphrase as a keeper of the secrets',
      tags: ['settings'],
    })
    .input(write({ passphrase: line.min(12).max(200) }))
    .output(z.object({ keepers: z.array(keeperView) })),
  startDemo: own
    .route({ method: 'POST', path: '/settings/demo', summary: 'Start the demo farm: three agents on this computer', tags: ['settings'] })
    .input(write({ language: language.default('en') }))
    .output(farmView),
  removeDemo: own
    .route({ method: 'DELETE', path: '/settings/demo', summary: 'Remove the demo farm and everything it made', tags: ['settings'] })
    .input(write({}))
    .output(z.object({ left: z.array(z.string()) })),
};
