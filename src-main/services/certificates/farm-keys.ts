import { FarmError } from '#contract/errors.ts';
import { certificateId, type DomainId, type FarmId } from '#contract/ids.ts';
import { type FarmCertificate, newestFirst } from '../../model/certificates/farm-certificate.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { CertificateKeys } from '../../ports/access.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store, Tables } from '../../ports/store.ts';

/** Certificates with their sealed keys: the only place that opens a private key. */
export function createFarmKeys(deps: {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly ids: Ids;
  readonly clock: Clock;
}): CertificateKeys {
  const find = async (
    tables: Tables,
    farmId: FarmId,
    kind: FarmCertificate['kind'],
    domainId?: DomainId,
  ): Promise<FarmCertificate | undefined> => {
    const rows = await tables.certificates.find({ farmId, kind, ...(domainId === undefined ? {} : { domainId }) });
    return rows.toSorted(newestFirst)[0];
  };
  const keyOf = (certificate: FarmCertificate): Promise<string> =>
    deps.secrets.open(`certificate:${certificate.id}`, certificate.sealedKey);
  return {
    newest: (farmId, kind, domainId) => find(deps.store, farmId, kind, domainId),
    keysOf: async (farmId, kind, domainId) => {
      const row = await find(deps.store, farmId, kind, domainId);
      if (row === undefined) throw new FarmError('CERTIFICATE_MISSING', { domain: kind });
      return { chainPem: row.chainPem, keyPem: await keyOf(row) };
    },
    rowOf: async (farmId, kind, domainId, issued) => {
      const id = certificateId.parse(deps.ids.uuid());
      const { keyPem, ...open } = issued;
      return {
        ...open,
        id,
        farmId,
        domainId,
        kind,
        sealedKey: await deps.secrets.seal(`certificate:${id}`, keyPem),
        createdAtMs: deps.clock.nowMs(),
      };
    },
    keyOf,
  };
}
