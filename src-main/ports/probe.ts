import { type ErrorCode, type ErrorParameters, FarmError } from '#contract/errors.ts';

/** A name server's IP address and port. */
export type NameServerAddress = { readonly address: string; readonly port: number };

export type ProbeRequest = {
  /** `https:` only. The port is the URL's own, else 443. */
  readonly url: string;
  /** The authoritative servers of the name; each one is asked. The computer's own resolver never is. */
  readonly resolveVia: { readonly servers: readonly NameServerAddress[] };
  /** The only authorities that are believed, as PEM (a farm's site authority). Absent: those that this computer believes. */
  readonly trustPem?: string;
  readonly expect: {
    /** Any of these is right. */
    readonly status: readonly number[];
    /** What every name server must answer, in any order. Absent: anything, as long as all say the same. */
    readonly addresses?: readonly string[];
  };
  /** For the request as a whole; the names take at most half of it. */
  readonly timeoutMs: number;
  /** Sent as they are; kept out of evidence and errors. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type NameEvidence = {
  /** `address:port` of the name server. */
  readonly server: string;
  /** Canonical addresses, sorted. */
  readonly addresses: readonly string[];
  /** `NOERROR`, `NXDOMAIN`, …; `NODATA`, `lame`, `alias-outside`, `slow`, or a system error's code. Sorted by `model/domains/name-outcome.ts`. */
  readonly outcome: string;
  readonly durationMs: number;
};

export type TlsEvidence = {
  /** SHA-256 of the leaf's DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** As the certificate writes it: text of a stranger. */
  readonly issuer: string;
  readonly validToMs: number;
  readonly protocol: string;
};

export type ProbeDurationsMs = { readonly dns: number; readonly connect: number; readonly tls: number; readonly firstByte: number };

export type AddressEvidence = {
  readonly address: string;
  readonly port: number;
  /** `ok`, `unroutable` (this computer has no way to that kind of address), or the cause of the failure. */
  readonly outcome: string;
  readonly tls?: TlsEvidence;
  readonly status?: number;
};

/** What was seen, step by step: stored with the job, shown as the diagnostic path. Holds no secret. */
export type ProbeEvidence = {
  readonly url: string;
  readonly atMs: number;
  readonly names: readonly NameEvidence[];
  readonly addresses: readonly AddressEvidence[];
};

export type ProbeAnswer = {
  readonly addresses: readonly string[];
  readonly tls: TlsEvidence;
  readonly status: number;
  /** Only `content-type`, `content-length`, `location`, `retry-after`, `server`, `strict-transport-security`, `www-authenticate`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly durationsMs: ProbeDurationsMs;
  readonly evidence: ProbeEvidence;
};

type OutsideCode = Extract<
  ErrorCode,
  'OUTSIDE_NAME' | 'OUTSIDE_CONNECT' | 'OUTSIDE_TLS' | 'OUTSIDE_STATUS' | 'OUTSIDE_PAGE' | 'DNS_SLOW' | 'DNS_REFUSED'
>;

/** A failure of the outside request, with what was seen up to it. */
export class OutsideError<C extends OutsideCode = OutsideCode> extends FarmError<C> {
  readonly evidence: ProbeEvidence;
  constructor(code: C, parameters: ErrorParameters<C>, evidence: ProbeEvidence) {
    super(code, parameters);
    this.evidence = evidence;
  }
}

/**
 * Looks at an address as a stranger does. Everything is fresh each time: names, connections, TLS sessions. Nothing is changed,
 * so that it may be called as often as one likes.
 */
export interface OutsideProbe {
  /**
   * Asks the name at every server, connects to every address that they publish, checks TLS in full, and sends one GET to
   * each. Resolves with the first address's answer once all of them gave an expected status. Redirects are not followed.
   * Throws `OutsideError`: `DNS_SLOW`, `DNS_REFUSED`, `OUTSIDE_NAME` (wrong, missing or differing addresses), `OUTSIDE_CONNECT`
   * (`cause`: a system code, `timeout`, `silent`, `closed`), `OUTSIDE_TLS` (`cause`: OpenSSL's or Node's code, `timeout`), `OUTSIDE_STATUS`; or the signal's reason.
   */
  readonly request: (request: ProbeRequest) => Promise<ProbeAnswer>;

  /** What each server says to a name, aliases followed; never throws but the signal's reason. An absent name has no addresses. */
  readonly lookup: (
    name: string,
    servers: readonly NameServerAddress[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ) => Promise<readonly NameEvidence[]>;
}
