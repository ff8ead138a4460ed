import type { FarmView } from '#contract/api/settings.ts';
import { FarmError } from '#contract/errors.ts';
import { farmId, type Language } from '#contract/ids.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { CoreIdentity } from '../../ports/agent-link.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { AuthorityKeys, Issued, Pki } from '../../ports/pki.ts';
import type { Store } from '../../ports/store.ts';
import type { FarmHolder } from './farm-holder.ts';

export type FarmStart = { readonly name: string; readonly language: Language; readonly timeZone: string; readonly isDemo: boolean };

type Keys = {
  readonly rowOf: (
    id: Farm['id'],
    kind: 'agent-authority' | 'core-identity',
    domainId: null,
    issued: Issued,
  ) => Promise<Parameters<Store['certificates']['insert']>[0]>;
  readonly keysOf: (id: Farm['id'], kind: 'agent-authority' | 'core-identity') => Promise<AuthorityKeys>;
};

export type SettingsService = {
  readonly view: () => Promise<FarmView | undefined>;
  /** Makes the farm with its agent authority and this core's identity, in one transaction. Throws `EXISTS` when the home has a farm. */
  readonly startFarm: (start: FarmStart) => Promise<FarmView>;
  readonly update: (change: {
    readonly name?: string | undefined;
    readonly language?: Language | undefined;
    readonly timeZone?: string | undefined;
  }) => Promise<FarmView>;
  /** This core's identity on the agent link, opened once. */
  readonly identity: () => CoreIdentity;
  /** Opens the farm of this home, when there is one. */
  readonly load: () => Promise<boolean>;
};

function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new FarmError('PARAMETER_INVALID', { parameter: 'timeZone', problem: timeZone });
  }
}

export function createSettingsService(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pki: Pki;
  readonly keys: Keys;
  readonly changes: Changes;
  readonly holder: FarmHolder;
  /** Opens links, drivers and projections of a farm that has just been loaded or started. */
  readonly opened: () => Promise<void>;
}): SettingsService {
  const { holder, store } = deps;
  let identity: CoreIdentity | undefined;

  const viewOf = async (farm: Farm): Promise<FarmView> => {
    const domains = await store.domains.find({ farmId: farm.id });
    const { id, name, language, timeZone, createdAtMs, isDemo } = farm;
    return { id, name, language, timeZone, createdAtMs, isDemo, defaultDomain: domains.find((domain) => domain.isDefault)?.name ?? '' };
  };
  const openIdentity = async (farm: Farm): Promise<void> => {
    const authority = await deps.keys.keysOf(farm.id, 'agent-authority');
    const own = await deps.keys.keysOf(farm.id, 'core-identity');
    identity = { farmId: farm.id, epoch: farm.epoch, chainPem: own.chainPem, keyPem: own.keyPem, authorityPem: authority.chainPem };
  };

  return {
    view: async () => {
      const farm = holder.current();
      return farm === undefined ? undefined : viewOf(farm);
    },
    identity: () => {
      if (identity === undefined) throw new FarmError('NOT_FOUND', { kind: 'farm', name: '' });
      return identity;
    },
    load: async () => {
      const [farm] = await store.farms.find();
      if (farm === undefined) return false;
      holder.set(farm);
      await openIdentity(farm);
      await deps.opened();
      return true;
    },
    startFarm: async (start) => {
      const [existing] = await store.farms.find();
      if (existing !== undefined) throw new FarmError('EXISTS', { kind: 'farm', name: existing.name });
      assertTimeZone(start.timeZone);
      const nowMs = deps.clock.nowMs();
      const farm: Farm = { id: farmId.parse(deps.ids.uuid()), ...start, name: start.name.trim(), epoch: 1, createdAtMs: nowMs };
      const authority = await deps.pki.makeAgentAuthority(farm.id, nowMs);
      const own = await deps.pki.issueCore(authority, farm.id, farm.epoch, nowMs);
      const rows = [
        await deps.keys.rowOf(farm.id, 'agent-authority', null, authority),
        await deps.keys.rowOf(farm.id, 'core-identity', null, own),
      ];
      await store.transaction(async (tables) => {
        await tables.farms.insert(farm);
        for (const row of rows) await tables.certificates.insert(row);
      });
      holder.set(farm);
      await openIdentity(farm);
      await deps.opened();
      deps.changes.announce({ kind: 'farm', id: farm.id });
      return viewOf(farm);
    },
    update: async (change) => {
      const farm = holder.farm();
      const { language, timeZone } = change;
      if (timeZone !== undefined) assertTimeZone(timeZone);
      const next = await store.farms.patch(farm.id, { name: change.name?.trim() || undefined, language, timeZone });
      if (next === undefined) throw new FarmError('NOT_FOUND', { kind: 'farm', name: farm.name });
      holder.set(next);
      deps.changes.announce({ kind: 'farm', id: farm.id });
      return viewOf(next);
    },
  };
}
