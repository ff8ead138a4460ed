import type { NetworkAccess } from '#contract/agent/instances.ts';
import type { InstalledPackage, SignedManifest } from '#contract/agent/packages.ts';
import type { FarmId, InstanceId, PackageId, PlanId, ServerId, Sha256 } from '#contract/ids.ts';
import type { DomainId, Language } from '#contract/ids.ts';
import type { PlacementCandidate } from '#contract/api/placement.ts';
import type { AuthoritativeServer, DnsReads } from './dns.ts';
import type { FarmCertificate } from '../model/certificates/farm-certificate.ts';
import type { BuiltPayload, ManifestFile } from './payloads.ts';
import type { AuthorityKeys, Issued } from './pki.ts';

/** What one area does for others, passed in by compose. */

export type PackageOn = { readonly manifestHash: Sha256; readonly payload: Sha256; readonly isWhole: boolean };

export type PackageAccess = {
  readonly manifest: (packageId: string) => Promise<ManifestFile>;
  /** What instances of the package may reach beside themselves; undefined where it asks for nothing. Throws `NOT_FOUND`, `PACKAGE_NOT_AGREED`. */
  readonly networkOf: (packageId: string) => Promise<NetworkAccess | undefined>;
  /** What owners agree now that its instances reach; nothing where nobody agreed. */
  readonly agreedFor: (packageId: string) => Promise<NetworkAccess>;
  /** Asks the server: the newest version there, and whether its files are there too. */
  readonly on: (serverId: string, packageId: string) => Promise<PackageOn | undefined>;
  /** The same as it was last seen; no request. */
  readonly knownOn: (serverId: string, packageId: string) => PackageOn | undefined;
};

/** What bringing a package to a server needs of this computer's packages. */
export type PackageSources = {
  /** Throws `NOT_FOUND`. */
  readonly manifest: (packageId: string) => Promise<ManifestFile>;
  /** The manifest as this farm's agent authority signed it. Throws `NOT_FOUND`. */
  readonly signed: (packageId: string) => Promise<SignedManifest>;
  /** Builds its files for a platform, or finds them built. Throws what `Payloads.build` throws. */
  readonly build: (file: ManifestFile, platform: string) => Promise<BuiltPayload>;
  /** Throws `NOT_FOUND`. */
  readonly platformOf: (serverId: string) => Promise<string>;
  /** Asks the server for every version of every package that it has, and keeps the answer as what was last seen. */
  readonly listOn: (serverId: string, signal?: AbortSignal) => Promise<readonly InstalledPackage[]>;
};

export type DnsAccess = {
  readonly driver: (domainId: DomainId) => Promise<DnsReads>;
  readonly authoritativeServers: (domainId: DomainId) => Promise<readonly AuthoritativeServer[]>;
};

/** The drivers of a farm's domains, each opened once. */
export type DomainDrivers = DnsAccess & {
  /** The name server inside this program, which serves every domain that is not another's. Throws `PORT_TAKEN`. */
  readonly builtin: () => Promise<DnsReads>;
  /** Lets the open driver of a domain go: the next that asks gets one with what its row says then. Whoever is in the middle of a call ends it with the old one. */
  readonly forget: (domainId: DomainId) => void;
};

/** Certificates with their sealed keys. */
export type CertificateKeys = {
  /** The newest of its kind, of one domain where it belongs to one. */
  readonly newest: (farmId: FarmId, kind: FarmCertificate['kind'], domainId?: DomainId) => Promise<FarmCertificate | undefined>;
  /** Opens the key. Throws `CERTIFICATE_MISSING` when the farm has none of the kind. */
  readonly keysOf: (farmId: FarmId, kind: FarmCertificate['kind'], domainId?: DomainId) => Promise<AuthorityKeys>;
  /** The row to store for something just issued; its key is sealed under the row's own id. */
  readonly rowOf: (farmId: FarmId, kind: FarmCertificate['kind'], domainId: DomainId | null, issued: Issued) => Promise<FarmCertificate>;
  readonly keyOf: (certificate: FarmCertificate) => Promise<string>;
};

export type CertificateAccess = {
  /** SHA-256 of the newest wildcard of a domain. Throws `CERTIFICATE_MISSING`. */
  readonly newestFingerprint: (domainId: DomainId) => Promise<string>;
  /** The newest wildcard of a domain. Throws `CERTIFICATE_MISSING`. */
  readonly newestWildcard: (domainId: DomainId) => Promise<FarmCertificate>;
  /** Notes that a certificate was seen on a server's edge, for `knownOn` and the list. */
  readonly sawOn: (serverId: string, certificateId: string) => void;
  /** As it was last seen there, without a request: the newest of the domain, another one or none, or not known since this program runs. */
  readonly knownOn: (serverId: string, domainId: DomainId) => Promise<'newest' | 'other' | 'unknown'>;
  readonly siteAuthorityPem: () => Promise<string>;
};

export type Chosen = { readonly serverId: ServerId; readonly candidates: readonly PlacementCandidate[] };

export type PlacementAccess = {
  /** What `choose` would take now; undefined when no server fits. Writes nothing. */
  readonly propose: (packageId: PackageId, planId: PlanId) => Promise<{ readonly chosen?: ServerId | undefined }>;
  /**
   * Chooses a server and calls `keep` with it, one choice at a time: the next begins when `keep` has resolved, so that it sees the
   * reservation. Throws `NO_SERVER_FITS`, `SERVER_DOES_NOT_FIT` (for a server that a person chose); both after `tell` got every verdict.
   */
  readonly choose: (
    request: {
      readonly packageId: PackageId;
      readonly planId: PlanId;
      /** Not counted as standing anywhere: it is the one that is being placed. */
      readonly instanceId: InstanceId;
      readonly wanted: ServerId | undefined;
      readonly tell: (candidates: readonly PlacementCandidate[]) => Promise<void>;
    },
    keep: (chosen: Chosen) => Promise<void>,
  ) => Promise<Chosen>;
};

/** What the customer's letter says; `none` stands for what there is not. The words are `instances.letter.text`. */
export type LetterParameters = {
  readonly customer: string;
  readonly package: string;
  readonly url: string;
  readonly userName: string;
  /** `first`: `password` is it. */
  readonly passwordIs: 'none' | 'first' | 'sent';
  readonly password: string;
  readonly passwordChange: 'inside' | 'never' | 'none';
  /** The way to change it, where there is one. */
  readonly where: string;
  readonly note: string;
  readonly farm: string;
};
export type WriteLetter = (language: Language, parameters: LetterParameters) => string;
