import * as z from 'zod';
import { publicAddressReasons } from './public-address.ts';

/**
 * Every failure that we expect, by code, with the HTTP status it has over REST and the parameters its sentence needs.
 * The sentences live in `words/<language>/errors.ts`; a code without words does not compile. Everything that is not listed
 * here is a bug: it is logged under a reference, and the reference is what a person sees.
 */
const one = <S extends z.ZodRawShape>(status: number, shape: S) => ({ status, data: z.object(shape) });
const text = z.string();
const count = z.number();

export const errorTable = {
  // names and addresses
  /** `script`: another script, and `proposal` says it in Latin letters; `idn`: letters that the table of all scripts lacks. `proposal` is '' where none can be made. */
  NAME_INVALID: one(422, {
    name: text,
    reason: z.enum(['empty', 'tooLong', 'characters', 'hyphen', 'script', 'idn']),
    proposal: text.default(''),
  }),
  NAME_RESERVED: one(422, { name: text }),
  NAME_TAKEN: one(409, { name: text, address: text }),
  // things that are not there
  NOT_FOUND: one(404, {
    kind: z.enum(['instance', 'server', 'job', 'certificate', 'domain', 'package', 'plan', 'customer', 'farm', 'log', 'record']),
    name: text,
  }),
  // placement
  NO_SERVER_FITS: one(409, { plan: text, servers: count }),
  SERVER_DOES_NOT_FIT: one(409, { server: text, reason: text }),
  // jobs and locks
  SERVER_NOT_EMPTY: one(409, { server: text, instances: count }),
  SERVER_HAS_WILDCARD: one(409, { server: text, domain: text }),
  OBJECT_BUSY: one(409, { kind: text, name: text, jobId: text }),
  JOB_NOT_STOPPED: one(409, { jobId: text, state: text }),
  JOB_OTHER_VERSION: one(409, { jobId: text, begun: text, here: text }),
  JOB_STEP_TIMEOUT: one(504, { step: text, seconds: count }),
  JOB_CANCELLED: one(409, { jobId: text }),
  JOB_INTERRUPTED: one(503, { step: text }),
  JOB_PAST_RETURN: one(409, { jobId: text, step: text }),
  JOB_NOT_UNDONE: one(500, { step: text }),
  /** `what` is the code of a leftover (`contract/api/jobs.ts`), `witness` the vantage point it was seen from. */
  STILL_THERE: one(500, { name: text, what: text, witness: text }),
  REQUEST_KEY_REUSED: one(409, { key: text }),
  // pairing
  CODE_INVALID: one(422, { reason: z.enum(['form', 'wrong', 'keyMismatch']) }),
  CODE_EXPIRED: one(410, { minutes: count }),
  CODE_USED: one(410, {}),
  CODE_TRIES_EXHAUSTED: one(429, {}),
  AGENT_IN_OTHER_FARM: one(409, { address: text, farm: text }),
  SERVER_ALREADY_JOINED: one(409, { server: text }),
  CORE_EPOCH_OLD: one(409, { seen: count, sent: count }),
  // servers and links
  SERVER_UNREACHABLE: one(503, {
    server: text,
    address: text,
    /**
     * `timeout`: nobody took the connection; `silent`: somebody did, and then said nothing. `identity`: another key answers; `left`: the right key does, but it is no agent of this farm, or of this server.
     */
    cause: z.enum(['refused', 'timeout', 'silent', 'name', 'network', 'identity', 'left', 'closed']),
  }),
  /** What the farm puts in order by itself on a server that is connected. */
  NOT_IN_ORDER_IN_TIME: one(504, { seconds: count }),
  CLOCK_OFF: one(409, { server: text, seconds: count }),
  AGENT_TOO_OLD: one(409, { server: text, protocol: count, needed: count }),
  COMMAND_MISSING: one(409, { server: text, command: text }),
  /** `owner` is `unknown` where the system does not say which program has it. */
  PORT_TAKEN: one(409, { port: count, owner: text }),
  DISK_FULL: one(507, { server: text, path: text }),
  NOT_PERMITTED_BY_OS: one(403, { what: text }),
  /** `address` is the text as it was given, '' where none was. A public address goes into A and AAAA records: see `public-address.ts`. */
  PUBLIC_ADDRESS_INVALID: one(422, { address: text, reason: z.enum(publicAddressReasons) }),
  SERVER_WITHOUT_ADDRESS: one(409, { server: text }),
  // packages
  MANIFEST_INVALID: one(422, { packageId: text, path: text, problem: text }),
  MANIFEST_NOT_SIGNED: one(403, { packageId: text }),
  /** A package asks to reach more than itself, and no owner has agreed. `ports` as people write them. */
  PACKAGE_NOT_AGREED: one(409, { packageId: text, what: z.enum(['ports', 'metadata', 'both']), ports: text }),
  PAYLOAD_HASH_WRONG: one(422, { packageId: text, expected: text, actual: text }),
  PAYLOAD_CUT: one(409, { packageId: text, haveBytes: count, wantBytes: count }),
  PAYLOAD_UNSAFE: one(422, {
    packageId: text,
    entry: text,
    reason: z.enum(['absolute', 'parent', 'link', 'device', 'size', 'count', 'name']),
  }),
  PAYLOAD_BUILD: one(500, { packageId: text, reason: text }),
  PLATFORM_UNSUPPORTED: one(409, { packageId: text, platform: text }),
  PARAMETER_INVALID: one(422, { parameter: text, problem: text }),
  /** A text that was given holds a character that no text of ours may (`plain-text.ts`). `field`: where it stands in the input. */
  TEXT_INVALID: one(422, { field: text }),
  REFERENCE_INVALID: one(422, {}),
  // providers
  /** `field`: as it is named in `contract/catalogue/providers.ts`; `problem`: one of its codes. Never the value. */
  CREDENTIAL_INVALID: one(422, { provider: text, field: text, problem: text }),
  // instances
  /** An agent that rules its computer starts nothing that would rule it too. `path`: the folder that other users may not pass, '' for `noUsers`. */
  INSTANCE_WITHOUT_USER: one(409, { reason: z.enum(['closedPath', 'noUsers']), path: text }),
  APPLICATION_DIED: one(502, { name: text, exitCode: text, lastLine: text }),
  APPLICATION_NOT_HEALTHY: one(504, { name: text, path: text, answered: text, seconds: count }),
  SETUP_FAILED: one(502, { name: text, exitCode: text, lastLine: text }),
  INSTANCE_STATE: one(409, { name: text, state: text, wanted: text }),
  PLAN_NOT_OF_PACKAGE: one(422, { plan: text, packageId: text }),
  // DNS
  DNS_REFUSED: one(502, { domain: text, name: text, server: text, reason: text }),
  DNS_SLOW: one(504, { domain: text, name: text, server: text, seconds: count }),
  DNS_UNSAFE: one(409, { name: text, found: text }),
  DNS_ZONE_MISSING: one(422, { domain: text, server: text }),
  /** `name`: the domain, or what stands above it in the zone; `servers`: to whom it is handed on. */
  DNS_DELEGATED: one(409, { domain: text, zone: text, name: text, servers: text }),
  DNS_CREDENTIALS: one(401, { domain: text, server: text }),
  DOMAIN_IN_USE: one(409, { domain: text, instances: count, jobs: count }),
  DOMAIN_OF_DEMO: one(409, { domain: text }),
  // outside request
  OUTSIDE_NAME: one(502, { address: text, found: text, expected: text }),
  OUTSIDE_CONNECT: one(502, { address: text, cause: text }),
  OUTSIDE_TLS: one(502, { address: text, cause: text }),
  OUTSIDE_STATUS: one(502, { address: text, status: count, expected: text }),
  /** Visitors do not get the page that stands in an application's place. `status`: what they get. */
  OUTSIDE_PAGE: one(502, { address: text, status: count, page: z.enum(['suspended', 'broken']) }),
  // certificates
  CERTIFICATE_INVALID: one(422, { problem: text }),
  CERTIFICATE_KEY_MISMATCH: one(422, { certificate: text }),
  CERTIFICATE_MISSING: one(409, { domain: text }),
  // the home and the shells
  DEMO_NOT_HERE: one(409, {}),
  HOME_HALF_WRITTEN: one(500, { path: text, problem: text }),
  HOME_LOCKED: one(409, { path: text, processId: count }),
  HOME_NEWER: one(409, { path: text, home: text, program: text }),
  SECRETS_LOCKED: one(423, { keepers: text }),
  /** A file of the installation that is missing, or is not what its build says. */
  PROGRAM_DAMAGED: one(500, { path: text }),
  NO_PROGRAM_RUNNING: one(503, { path: text }),
  LINK_USED: one(403, {}),
  SIGN_IN_NEEDED: one(401, {}),
  /** More streams than one client may follow at a time. */
  TOO_MANY_STREAMS: one(429, { most: count }),
  PERMISSION_MISSING: one(403, { needed: text }),
  STORE_CONFLICT: one(409, { table: text }),
  STORE_FULL: one(507, { path: text }),
  EXISTS: one(409, { kind: text, name: text }),
} as const;

export type ErrorCode = keyof typeof errorTable;
export type ErrorParameters<C extends ErrorCode> = z.infer<(typeof errorTable)[C]['data']>;

/** A failure that we expect. `code` and `parameters` are all that a sentence needs; `message` is for logs only and holds no secret. */
export class FarmError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly parameters: ErrorParameters<C>;
  constructor(code: C, parameters: ErrorParameters<C>, options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
    this.name = 'FarmError';
    this.code = code;
    this.parameters = parameters;
  }
}

/** A failure as data: what jobs store and screens show. `reference` is there when it was a bug. */
export const failure = z.object({
  code: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  reference: z.string().optional(),
});
export type Failure = z.infer<typeof failure>;

export function isFarmError<C extends ErrorCode>(error: unknown, code?: C): error is FarmError<C> {
  return error instanceof FarmError && (code === undefined || error.code === code);
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
