import type { DnsKind } from '#contract/catalogue/providers.ts';
import { FarmError } from '#contract/errors.ts';
import { onlyFields, readCredentials, refuseCredentials, splitSecrets } from '../../model/domains/credentials.ts';
import type { DnsDriver } from '../../ports/dns.ts';
import type { DnsDriverContext } from './driver-context.ts';
import { dnsDrivers } from './index.ts';
import { createRedaction, redactDriver } from './redaction.ts';

const create = async <K extends DnsKind>(kind: K, values: Readonly<Record<string, unknown>>, context: DnsDriverContext) =>
  dnsDrivers[kind](readCredentials(kind, values), context);

/**
 * The driver of a kind with its credentials checked; other settings beside them are not looked at. Whatever a driver throws, also the words of
 * the far server in it, leaves here without the secrets. Throws `CREDENTIAL_INVALID`, and what the driver throws.
 */
export async function openDnsDriver(
  kind: DnsKind,
  stored: Readonly<Record<string, unknown>>,
  context: DnsDriverContext,
): Promise<DnsDriver> {
  const values = onlyFields(kind, stored);
  const refusal = refuseCredentials(kind, values, { isWhole: true });
  if (refusal !== undefined) throw new FarmError('CREDENTIAL_INVALID', refusal);
  const redact = createRedaction(Object.values(splitSecrets(kind, values).secrets).map(String));
  try {
    return redactDriver(await create(kind, values, context), redact);
  } catch (error) {
    throw redact(error);
  }
}
