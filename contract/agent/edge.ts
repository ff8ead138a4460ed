import * as z from 'zod';
import { command } from './base.ts';

/** The look of a route: where it leads, or which friendly page stands in its place. */
export const edgeRouteState = z.enum(['running', 'starting', 'suspended', 'broken']);
export type EdgeRouteState = z.infer<typeof edgeRouteState>;

/** How the pages that stand in an application's place answer, and by what they are told apart from outside (RFC 9110 §10.2.3). */
export const edgePages = {
  starting: { status: 503, retryAfterSeconds: 2 },
  suspended: { status: 503 },
  broken: { status: 503, retryAfterSeconds: 10 },
} as const satisfies Record<Exclude<EdgeRouteState, 'running'>, { readonly status: number; readonly retryAfterSeconds?: number }>;

/** One host name's route on the edge of one server. The host name is the key: lower case, A-labels, no port, no final dot. */
export const edgeRoute = z.object({
  host: z.string(),
  instanceId: z.string(),
  target: z.object({ host: z.string(), port: z.number().int().min(1).max(65535) }),
  state: edgeRouteState,
  /** The language of the friendly pages. */
  language: z.enum(['en', 'ru']),
  /** The provider's name on the friendly pages. */
  providerName: z.string(),
});
export type EdgeRoute = z.infer<typeof edgeRoute>;

/** A certificate on the edge, without its key. `names` are DNS names, a wildcard as `*.farm.example`. Times in UTC milliseconds. */
export const edgeCertificate = z.object({
  certificateId: z.string(),
  names: z.array(z.string()).min(1),
  chainPem: z.string(),
  notBeforeMs: z.number().int(),
  notAfterMs: z.number().int(),
  /** SHA-256 of the leaf's DER, lower-case hexadecimal. */
  fingerprintSha256: z.string(),
  /** HSTS is sent only under a publicly trusted certificate. */
  isPubliclyTrusted: z.boolean(),
});
export type EdgeCertificate = z.infer<typeof edgeCertificate>;

/** One listening socket of the edge. While `isListening` is false it is opened again and again; `problem` is the system's code (EADDRINUSE, EACCES, …). */
export const edgeListener = z.object({
  /** The address that it was told to listen at; `0.0.0.0` and `::` are all. */
  address: z.string(),
  port: z.number().int(),
  isListening: z.boolean(),
  problem: z.string(),
});
export type EdgeListener = z.infer<typeof edgeListener>;

export const edgeStatus = z.object({
  processId: z.number().int(),
  startedAtMs: z.number().int(),
  version: z.string(),
  bundleSha256: z.string(),
  /** Where it listens, or waits to. */
  httpsPort: z.number().int(),
  httpPort: z.number().int(),
  routeCount: z.number().int(),
  certificateCount: z.number().int(),
  openConnections: z.number().int(),
  requestCount: z.number().int(),
  /** Absent from edges of earlier days, which ran only while they listened on both. */
  listeners: z.object({ https: edgeListener, http: edgeListener }).optional(),
  /**
   * The processes that take what visitors send. `confinement`: `full` – a user of their own and no right of the system; `user` – a user of their own only;
   * `none` – the agent's user. Absent from edges of earlier days, which were one process.
   */
  workers: z
    .object({
      wanted: z.number().int(),
      running: z.number().int(),
      confinement: z.enum(['full', 'user', 'none']),
      userId: z.number().int().optional(),
    })
    .optional(),
});
export type EdgeStatus = z.infer<typeof edgeStatus>;

/**
 * What visitors meet at a server's edge, as its agent sees it there: it asks over the pipe and by a TLS request to the listener.
 * `serving`: it answers. `starting`: not known yet. `port-taken`: `owner` has the port. `not-listening`: the system refuses the port, for `cause`.
 * `silent`: it runs and does not answer visitors. `deaf`: it answers visitors and takes no changes. `failed`: it does not start. `stopped`: not wanted.
 */
export const edgeHealth = z.object({
  state: z.enum(['serving', 'starting', 'port-taken', 'not-listening', 'silent', 'deaf', 'failed', 'stopped']).catch('silent'),
  /** The HTTPS port that visitors come to. */
  port: z.number().int(),
  /** The program that has the port, empty where that is not known or no matter. */
  owner: z.string(),
  /** The system's code, or an error's; empty where the state says all. */
  cause: z.string(),
  /** UTC milliseconds of the agent's clock. */
  sinceMs: z.number(),
  /** The way from HTTP to HTTPS: without it visitors must type https. */
  redirect: z.object({ isListening: z.boolean(), port: z.number().int(), owner: z.string(), cause: z.string() }),
});
export type EdgeHealth = z.infer<typeof edgeHealth>;

/** A friendly page that was shown: what its reference leads to. Host and cause are text from outside. UTC milliseconds of the server's clock. */
export const pageNote = z.object({
  reference: z.string(),
  atMs: z.number(),
  /** Which page it was: `starting`, `suspended`, `broken`, … */
  kind: z.string(),
  status: z.number().int(),
  host: z.string(),
  /** Absent where the host has no route. */
  instanceId: z.string().optional(),
  cause: z.string().optional(),
});
export type PageNote = z.infer<typeof pageNote>;

/** The edge of one server, as the core sees it: routes by host name, and the process itself. */
export const edge = {
  putRoute: command.input(edgeRoute).output(z.object({})),
  /** Absent is fine. With `instanceId`, one that leads to another instance by now stays; agents before 2026-11-29 do not look. */
  removeRoute: command.input(z.object({ host: z.string(), instanceId: z.string().optional() })).output(z.object({})),
  routes: command.output(z.object({ routes: z.array(edgeRoute) })),
  status: command.output(edgeStatus),
};
