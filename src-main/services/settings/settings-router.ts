import { implement } from '@orpc/server';
import { settings as contract } from '#contract/api/settings.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';
import type { DemoService } from './demo-service.ts';
import type { FarmHolder } from './farm-holder.ts';
import type { SettingsService } from './settings-service.ts';

export function createSettingsRouter(deps: {
  readonly service: SettingsService;
  readonly demo: DemoService;
  readonly secrets: Secrets;
  readonly store: Store;
  readonly holder: FarmHolder;
  readonly home: string;
  readonly version: string;
  readonly runsOn: string;
}) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    get: os.get.handler(async ({ context }) => {
      const farm = await deps.service.view();
      const failure = deps.demo.failure();
      const name = context.actor.kind === 'operator' || context.actor.kind === 'token' ? context.actor.name : context.actor.kind;
      return {
        ...(farm === undefined ? {} : { farm }),
        home: deps.home,
        version: deps.version,
        runsOn: deps.runsOn,
        operator: { name, permission: context.permission },
        keepers: [...(await deps.secrets.keepers())],
        store: { kind: deps.store.kind, migration: deps.store.migration },
        demo: {
          step: deps.demo.step(),
          isOffered: farm === undefined || farm.isDemo,
          isPossible: deps.demo.isPossible,
          ...(failure === undefined ? {} : { failure }),
        },
      };
    }),
    startFarm: os.startFarm.handler(({ input }) =>
      deps.service.startFarm({ name: input.name, language: input.language, timeZone: input.timeZone, isDemo: false }),
    ),
    update: os.update.handler(({ input }) => deps.service.update(input)),
    addPassphrase: os.addPassphrase.handler(async ({ input }) => {
      await deps.secrets.addPassphrase(input.passphrase);
      return { keepers: [...(await deps.secrets.keepers())] };
    }),
    startDemo: os.startDemo.handler(({ input }) => deps.demo.start(input.language)),
    removeDemo: os.removeDemo.handler(async () => ({ left: [...(await deps.demo.remove())] })),
  });
}
