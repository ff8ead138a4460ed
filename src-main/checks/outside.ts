import { base64 } from '@scure/base';
import { edgePages } from '#contract/agent/edge.ts';
import type { PathCheck } from '#contract/api/instances.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { CertificateAccess, DnsAccess } from '../ports/access.ts';
import { OutsideError, type OutsideProbe, type ProbeAnswer, type ProbeEvidence } from '../ports/probe.ts';
import type { Secrets } from '../ports/secrets.ts';
import { publicAddressesOf } from '../model/domains/server-addresses.ts';
import { nameServerAddresses } from './dns-answers.ts';
import type { ParameterValues } from '../model/instances/parameter-values.ts';
import { valuesOf } from './secret-values.ts';
import { pathChecks } from './diagnostic-path.ts';
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
  return `Basic ${base64.encode(new TextEncoder().encode(`${userName}:${password}`))}`;
}

function signInHeaders(manifest: PackageManifest, values: ParameterValues): Readonly<Record<string, string>> | undefined {
  const { signIn } = manifest.health;
  if (signIn === undefined) return undefined;
  return { authorization: basicCredentials(String(values[signIn.userName] ?? ''), String(values[signIn.password] ?? '')) };
}

export type Visit = { readonly answer: ProbeAnswer; readonly checks: readonly PathCheck[] };

/** What every look from outside begins with: the name at every authoritative server, and the certificate that only the site authority may have signed. */
async function askOutside(deps: Deps, site: PlacedSite, path: string, signal: AbortSignal) {
  return {
    url: `${addressOf(site)}${path}`,
    resolveVia: { servers: nameServerAddresses(await deps.dns.authoritativeServers(site.domain.id)) },
    trustPem: await deps.certificates.siteAuthorityPem(),
    timeoutMs: requestTimeoutMs,
    signal,
  };
}

/**
 * Looks at the instance as a stranger does: its name at every authoritative server, the certificate that only the site authority may have
 * signed, and the application's own health answer. Where that needs a sign-in, it must also refuse whoever does not sign in. Throws `OutsideError`.
 */
export async function visit(deps: Deps, site: PlacedSite, row: Instance, manifest: PackageManifest, signal: AbortSignal): Promise<Visit> {
  const headers = signInHeaders(manifest, await valuesOf(deps.secrets, row));
  const request = await askOutside(deps, site, manifest.health.path, signal);
  const addresses = publicAddressesOf(site.server);
  const answer = await deps.probe.request({
    ...request,
    expect: { status: manifest.health.acceptedStatus, addresses },
    ...(headers === undefined ? {} : { headers }),
  });
  // Without the password nobody comes in.
  if (headers !== undefined) await deps.probe.request({ ...request, expect: { status: [401], addresses } });
  return { answer, checks: pathChecks(answer.evidence, undefined, site.server.name, answer.durationsMs.firstByte) };
}

/** Which page stands in the application's place. */
export type PageShown = 'suspended' | 'broken';

/**
 * Visits the address and takes only that page for an answer. Pages are told apart by what they say of trying again, because an application may answer
 * 503 too. Throws `OutsideError`, of anything else that answers `OUTSIDE_PAGE`.
 */
export async function visitPage(deps: Deps, site: PlacedSite, page: PageShown, signal: AbortSignal): Promise<void> {
  const expected: { readonly status: number; readonly retryAfterSeconds?: number } = edgePages[page];
  const request = await askOutside(deps, site, '/', signal);
  const other = (status: number, evidence: ProbeEvidence): OutsideError =>
    new OutsideError('OUTSIDE_PAGE', { address: addressOf(site), status, page }, evidence);
  try {
    const answer = await deps.probe.request({
      ...request,
      expect: { status: [expected.status], addresses: publicAddressesOf(site.server) },
    });
    if (answer.headers['retry-after'] !== expected.retryAfterSeconds?.toString()) throw other(answer.status, answer.evidence);
  } catch (error) {
    if (error instanceof OutsideError && error.code === 'OUTSIDE_STATUS')
      throw other(error.evidence.addresses[0]?.status ?? 0, error.evidence);
    throw error;
  }
}

/** The same, as checks of the diagnostic path; what failed is a check, not an error. */
export async function walk(
  deps: Deps,
  site: PlacedSite,
  row: Instance,
  manifest: PackageManifest,
  signal: AbortSignal,
): Promise<readonly PathCheck[]> {
  try {
    return (await visit(deps, site, row, manifest, signal)).checks;
  } catch (error) {
    if (error instanceof OutsideError) return pathChecks(error.evidence, error, site.server.name, undefined);
    if (isFarmError(error) && !signal.aborted)
      return pathChecks(undefined, new FarmError(error.code, error.parameters), site.server.name, undefined);
    throw error;
  }
}
