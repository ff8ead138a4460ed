import type { Stone } from '#contract/api/instances.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { CertificateAccess, DnsAccess } from '../ports/access.ts';
import { OutsideError, type OutsideProbe, type ProbeAnswer } from '../ports/probe.ts';
import type { Secrets } from '../ports/secrets.ts';
import { publicAddressesOf } from '../model/domains/server-addresses.ts';
import { nameServerAddresses } from './dns-answers.ts';
import type { ParameterValues } from '../model/instances/parameter-values.ts';
import { valuesOf } from './secret-values.ts';
import { outsideStones } from './road.ts';
import { addressOf, type PlacedSite } from './site.ts';

export type OutsideDeps = {
  readonly dns: DnsAccess;
  readonly probe: Pick<OutsideProbe, 'request'>;
  readonly certificates: Pick<CertificateAccess, 'siteAuthorityPem'>;
  readonly secrets: Secrets;
};
type Deps = OutsideDeps;

/** One request as a whole; a server that does not answer in this time is no answer. */
const requestTimeoutMs = 8000;

/** RFC 7617 §2: UTF-8, then base64. */
function basicCredentials(userName: string, password: string): string {
  const bytes = new TextEncoder().encode(`${userName}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

function signInHeaders(manifest: PackageManifest, values: ParameterValues): Readonly<Record<string, string>> | undefined {
  const { signIn } = manifest.health;
  if (signIn === undefined) return undefined;
  return { authorization: basicCredentials(String(values[signIn.userName] ?? ''), String(values[signIn.password] ?? '')) };
}

export type Visit = { readonly answer: ProbeAnswer; readonly stones: readonly Stone[] };

/**
 * Looks at the instance as a stranger does: its name at every authoritative server, the certificate that only the site authority may have
 * signed, and the application's own health answer. Where that needs a sign-in, it must also refuse whoever does not sign in. Throws `OutsideError`.
 */
export async function visit(deps: Deps, site: PlacedSite, row: Instance, manifest: PackageManifest, signal: AbortSignal): Promise<Visit> {
  const servers = nameServerAddresses(await deps.dns.authoritativeServers(site.domain.id));
  const headers = signInHeaders(manifest, await valuesOf(deps.secrets, row));
  const request = {
    url: `${addressOf(site)}${manifest.health.path}`,
    resolveVia: { servers },
    trustPem: await deps.certificates.siteAuthorityPem(),
    timeoutMs: requestTimeoutMs,
    signal,
  };
  const addresses = publicAddressesOf(site.server);
  const answer = await deps.probe.request({
    ...request,
    expect: { status: manifest.health.acceptedStatus, addresses },
    ...(headers === undefined ? {} : { headers }),
  });
  // The lock on the door: without the password nobody comes in.
  if (headers !== undefined) await deps.probe.request({ ...request, expect: { status: [401], addresses } });
  return { answer, stones: outsideStones(answer.evidence, undefined, site.server.name, answer.durationsMs.firstByte) };
}

/** The same, as stones of the road; what failed is a stone, not an error. */
export async function walk(
  deps: Deps,
  site: PlacedSite,
  row: Instance,
  manifest: PackageManifest,
  signal: AbortSignal,
): Promise<readonly Stone[]> {
  try {
    return (await visit(deps, site, row, manifest, signal)).stones;
  } catch (error) {
    if (error instanceof OutsideError) return outsideStones(error.evidence, error, site.server.name, undefined);
    if (isFarmError(error) && !signal.aborted)
      return outsideStones(undefined, new FarmError(error.code, error.parameters), site.server.name, undefined);
    throw error;
  }
}
