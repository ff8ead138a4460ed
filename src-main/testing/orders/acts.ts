import { type AskedOf, type ByRowType, isByRow } from '#contract/catalogue/jobs.ts';
import type { Place } from '../light/places.ts';

export const names = ['anna', 'berta', 'carl'] as const;
export const addedDomains = ['shop.test', 'panel.test'] as const;
export const domains = ['farm.test', ...addedDomains] as const;
type Name = (typeof names)[number];
type Domain = (typeof domains)[number];
/** What a row asks, with people's names in the place of ids. */
type Named<Asked> = (Asked extends { readonly instanceId: unknown } ? { readonly name: Name } : unknown) &
  (Asked extends { readonly domainId: unknown } ? { readonly domain: Domain } : unknown) &
  (Asked extends { readonly serverId: unknown } ? { readonly server: Place } : unknown) &
  Omit<Asked, 'instanceId' | 'domainId' | 'serverId'>;
/** An act of a type that begins by its row. */
export type RowAct = { [T in ByRowType]: { readonly do: T } & Named<AskedOf<T>> }[ByRowType];
/** The others, each with what its own procedure asks. */
export type Act =
  | RowAct
  | {
      readonly do: 'create';
      readonly name: Name;
      readonly domain: Domain;
      readonly server: Place | undefined;
      readonly isNewCustomer: boolean;
    }
  | { readonly do: 'add-domain'; readonly domain: Domain }
  | { readonly do: 'change-domain'; readonly domain: Domain }
  | { readonly do: 'join-server'; readonly server: Place };
export const isRowAct = (act: Act): act is RowAct => isByRow(act.do);
