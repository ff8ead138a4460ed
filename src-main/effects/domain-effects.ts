import type { DomainAccess } from '../model/domains/domain-access.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { KeptWildcard } from '../model/domains/kept-wildcard.ts';
import type { InstanceRef } from '../checks/site.ts';
import { createDomainAccessEffect } from './domain-access.ts';
import { createDomainCertificatesEffect, type DomainCertificatesDeps, type DomainCertificatesFacts } from './domain-certificates.ts';
import { createDomainRecordsEffect, type DomainRecordsDeps, type DomainRecordsFacts } from './domain-records.ts';
import { createDomainRowEffect, type DomainRowDeps, type DomainRowFacts } from './domain-row.ts';
import type { Effect } from './effect.ts';
import { createKeptWildcardEffect } from './kept-wildcard.ts';
import { createOwnRecordEffect } from './own-record.ts';
import type { RecordDeps, RecordFacts, RecordWanted } from './record.ts';
import { type AuthorityDeps, type AuthorityFacts, type AuthorityWanted, createSiteAuthorityEffect } from './site-authority.ts';
import {
  createOldCertificatesEffect,
  createWildcardCertificateEffect,
  type WildcardFacts,
  type WildcardWanted,
} from './wildcard-certificate.ts';
import { createWildcardRecordEffect, type WildcardRecordDeps, type WildcardRecordFacts } from './wildcard-record.ts';
import { createZoneEffect, type ZoneDeps, type ZoneFacts, type ZoneTarget } from './zone.ts';

/** Everything in the world that belongs to a domain of the farm. */
export type DomainEffects = {
  readonly row: Effect<DomainRef, DomainRowFacts, DomainRowFacts>;
  readonly access: Effect<DomainRef, DomainAccess, DomainAccess>;
  readonly zone: Effect<ZoneTarget, object, ZoneFacts>;
  readonly authority: Effect<DomainRef, AuthorityWanted, AuthorityFacts>;
  readonly wildcardCertificate: Effect<DomainRef, WildcardWanted, WildcardFacts>;
  readonly oldCertificates: Effect<DomainRef, object, { readonly certificateIds: readonly string[] }>;
  readonly certificates: Effect<DomainRef, object, DomainCertificatesFacts>;
  readonly records: Effect<DomainRef, object, DomainRecordsFacts>;
  readonly keptWildcard: Effect<DomainRef, KeptWildcard, KeptWildcard>;
  readonly wildcardRecord: Effect<DomainRef, WildcardRecordFacts, WildcardRecordFacts>;
  readonly ownRecord: Effect<InstanceRef, RecordWanted, RecordFacts>;
};

export type DomainEffectDeps = DomainRowDeps &
  ZoneDeps &
  AuthorityDeps &
  DomainCertificatesDeps &
  DomainRecordsDeps &
  WildcardRecordDeps &
  RecordDeps;

export function createDomainEffects(deps: DomainEffectDeps): DomainEffects {
  return {
    row: createDomainRowEffect(deps),
    access: createDomainAccessEffect(deps),
    zone: createZoneEffect(deps),
    authority: createSiteAuthorityEffect(deps),
    wildcardCertificate: createWildcardCertificateEffect(deps),
    oldCertificates: createOldCertificatesEffect(deps),
    certificates: createDomainCertificatesEffect(deps),
    records: createDomainRecordsEffect(deps),
    keptWildcard: createKeptWildcardEffect(deps),
    wildcardRecord: createWildcardRecordEffect(deps),
    ownRecord: createOwnRecordEffect(deps),
  };
}
