import 'reflect-metadata';
import {
  Extension,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  PemConverter,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { createPrivateKey, sign } from 'node:crypto';
import { FarmError } from '#contract/errors.ts';
import { agentUri, coreUri } from '#contract/agent/identity.ts';
import type { AuthorityKeys, Issued, Pki } from '../../ports/pki.ts';
import {
  authorityExtensions,
  backdatedMs,
  type Content,
  clientAuth,
  dayMs,
  keyToPem,
  leafExtensions,
  makeKeys,
  openAuthority,
  serverAuth,
  signCertificate,
  toIssued,
} from './issue.ts';
import { nameConstraintsOid, nameConstraintsValue, permittedDomains } from './name-constraints.ts';

const yearDays = 365;
const authorityDays = 20 * yearDays;
/** Identities are replaced by pairing again, not by a clock: a farm that slept for a year must still find its servers. */
const identityDays = 10 * yearDays;
/** No longer than browsers accept: CA/Browser Forum Baseline Requirements §6.3.2, 398 days. */
const wildcardDays = 397;

type AuthorityBase = Pick<Content, 'commonName' | 'publicKey'> & { readonly key: CryptoKey; readonly keyPem: string };

async function freshBase(commonName: string): Promise<AuthorityBase> {
  const { publicKey, privateKey } = await makeKeys();
  return { commonName, publicKey, key: privateKey, keyPem: await keyToPem(privateKey) };
}

/** What a later certificate of the same authority keeps of it. */
async function baseOf(before: AuthorityKeys): Promise<AuthorityBase> {
  const { certificate, key } = await openAuthority(before);
  const commonName = certificate.subjectName.getField('CN')[0];
  if (commonName === undefined) throw new FarmError('CERTIFICATE_INVALID', { problem: 'authority' });
  return { commonName, publicKey: certificate.publicKey, key, keyPem: before.keyPem };
}

async function makeAuthority(base: AuthorityBase, nowMs: number, extensions: readonly Extension[]): Promise<Issued> {
  const { commonName, publicKey, key, keyPem } = base;
  const notBeforeMs = nowMs - backdatedMs;
  const notAfterMs = notBeforeMs + authorityDays * dayMs;
  const content = { commonName, publicKey, notBeforeMs, notAfterMs, extensions: [...authorityExtensions(), ...extensions] };
  const certificate = await signCertificate(content, { key, certificate: undefined });
  return { ...toIssued(certificate, []), keyPem };
}

/** A common name holds at most 64 characters (RFC 5280, ub-common-name). */
function atMostCharacters(text: string, count: number): string {
  return [...text].slice(0, count).join('');
}

function subjectNames(names: JsonGeneralNames): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(names, false);
}

async function issueCore(authority: AuthorityKeys, farmId: string, epoch: number, nowMs: number): Promise<Issued> {
  const signer = await openAuthority(authority);
  const keys = await makeKeys();
  const uri = coreUri(farmId, epoch);
  const certificate = await signCertificate(
    {
      commonName: 'Farmstead core',
      publicKey: keys.publicKey,
      notBeforeMs: nowMs - backdatedMs,
      notAfterMs: nowMs + identityDays * dayMs,
      extensions: [...leafExtensions([clientAuth, serverAuth]), subjectNames([{ type: 'url', value: uri }])],
    },
    signer,
  );
  return { ...toIssued(certificate, [uri]), keyPem: await keyToPem(keys.privateKey) };
}

async function openRequest(requestPem: string): Promise<Pkcs10CertificateRequest> {
  try {
    const request = new Pkcs10CertificateRequest(PemConverter.decodeFirst(requestPem));
    // Proof of possession (RFC 2986 §3): the request is signed by the key that it asks a certificate for.
    if (await request.verify()) return request;
  } catch (error) {
    throw new FarmError('CERTIFICATE_INVALID', { problem: 'request' }, { cause: error });
  }
  throw new FarmError('CERTIFICATE_INVALID', { problem: 'request signature' });
}

async function issueAgent(
  authority: AuthorityKeys,
  farmId: string,
  serverId: string,
  requestPem: string,
  nowMs: number,
): Promise<Omit<Issued, 'keyPem'>> {
  const signer = await openAuthority(authority);
  const request = await openRequest(requestPem);
  const uri = agentUri(farmId, serverId);
  const certificate = await signCertificate(
    {
      // Nothing of the request but its key is taken over.
      commonName: 'Farmstead agent',
      publicKey: request.publicKey,
      notBeforeMs: nowMs - backdatedMs,
      notAfterMs: nowMs + identityDays * dayMs,
      extensions: [...leafExtensions([clientAuth, serverAuth]), subjectNames([{ type: 'url', value: uri }])],
    },
    signer,
  );
  return toIssued(certificate, [uri]);
}

async function issueWildcard(authority: AuthorityKeys, domain: string, nowMs: number): Promise<Issued> {
  const signer = await openAuthority(authority);
  const constraint = signer.certificate.getExtension(nameConstraintsOid);
  const permitted = constraint ? permittedDomains(new Uint8Array(constraint.value)) : [];
  if (!permitted.some((allowed) => domain === allowed || domain.endsWith(`.${allowed}`))) {
    throw new FarmError('CERTIFICATE_INVALID', { problem: `domain ${domain}` });
  }
  const keys = await makeKeys();
  const names = [`*.${domain}`, domain];
  const notBeforeMs = nowMs - backdatedMs;
  const certificate = await signCertificate(
    {
      commonName: names[0] ?? domain,
      publicKey: keys.publicKey,
      notBeforeMs,
      notAfterMs: notBeforeMs + wildcardDays * dayMs,
      extensions: [...leafExtensions([serverAuth]), subjectNames(names.map((value) => ({ type: 'dns', value })))],
    },
    signer,
  );
  return { ...toIssued(certificate, names), keyPem: await keyToPem(keys.privateKey) };
}

/** Keys by Node's own WebCrypto, certificates by @peculiar/x509. Holds no state; every function may be called at the same time. */
export function createPki(): Pki {
  return {
    makeAgentAuthority: async (farmId, nowMs) => makeAuthority(await freshBase(`Farmstead agents ${farmId}`), nowMs, []),
    makeSiteAuthority: async (_farmId, farmName, domains, nowMs, before) => {
      const base = await (before === undefined ? freshBase(atMostCharacters(`Farmstead test sites ${farmName}`, 64)) : baseOf(before));
      return makeAuthority(base, nowMs, [
        new Extension(nameConstraintsOid, true, nameConstraintsValue(domains)),
        new ExtendedKeyUsageExtension([serverAuth], false),
      ]);
    },
    issueCore,
    issueAgent,
    issueWildcard,
    // DER, as OpenSSL and node:crypto verify it without further options.
    sign: async (keyPem, bytes) => sign('sha256', Buffer.from(bytes, 'utf8'), createPrivateKey(keyPem)).toString('base64'),
  };
}
