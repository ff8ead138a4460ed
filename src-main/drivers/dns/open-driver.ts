import type { DnsKind } from '#contract/catalogue/providers.ts';
import { FarmError } from '#contract/errors.ts';
import { onlyFields, readCredentials, refuseCredentials, splitSecrets } from '../../model/domains/credentials.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import type { DnsDriverContext } from './driver-context.ts';
import { type DnsDrivers, dnsDrivers } from './index.ts';
import { createRedaction, redactDriver } from './redaction.ts';

type Values = Readonly<Record<string, unknown>>;

const create = async <K extends DnsKind>(drivers: DnsDrivers, kind: K, values: Values, context: DnsDriverContext): Promise<DnsDriver> =>
  drivers[kind](readCredentials(kind, values), context);

/**
 * The driver of a kind with its credentials checked; other settings beside them are not looked at. Whatever a driver throws, also the words of
 * the far server in it, leaves here without the secrets. Throws `CREDENTIAL_INVALID`, and what the driver throws. `drivers`: a test's own.
 */
export async function openDnsDriver(kind: DnsKind, stored: Values, context: DnsDriverContext, drivers = dnsDrivers): Promise<DnsDriver> {
  const values = onlyFields(kind, stored);
  const refusal = refuseCredentials(kind, values, { isWhole: true });
  if (refusal !== undefined) throw new FarmError('CREDENTIAL_INVALID', refusal);
  // A far server may repeat a password without the name before it.
  const secrets = Object.values(splitSecrets(kind, values).secrets).map(String);
  const redact = createRedaction(secrets.flatMap((secret) => [secret, ...(secret.includes(':') ? [secret.replace(/^[^:]*:/, '')] : [])]));
  try {
    return redactDriver(await create(drivers, kind, values, context), redact);
  } catch (error) {
    throw redact(error);
  }
}
