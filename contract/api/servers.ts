import * as z from 'zod';
import { instanceBounds, instanceIsolation } from '../agent/servers.ts';
import { failure } from '../errors.ts';
import { instant, serverId } from '../ids.ts';
import { line } from '../plain-text.ts';
import { jobView } from './jobs.ts';
import { look, mark, measuredResources, operate, own, parameters, resources, write } from './base.ts';

/** Why a server is in its state: the words are `servers.state.<code>`. "Offline" is never a cause. */
export const serverCode = z.enum([
  'ready',
  'joining',
  'leaving',
  'draining',
  'clock',
  'disk',
  'agent',
  'agent-hangs',
  'network',
  'agent-or-network',
  'identity',
  'edge',
  /** The way from HTTP to HTTPS is missing. */
  'redirect',
  'not-seen',
  'left',
]);

export const serverView = z.object({
  id: serverId,
  name: z.string(),
  /** The host and port that the core dials. */
  address: z.string(),
  publicAddresses: z.array(z.object({ address: z.string(), state: z.enum(['proposed', 'confirmed']) })),
  httpsPort: z.number().int(),
  httpPort: z.number().int(),
  /** Its edge takes connections from that computer itself only; false where its agent does not tell. */
  isEdgeLocal: z.boolean(),
  os: z.string(),
  arch: z.string(),
  osVersion: z.string(),
  agentVersion: z.string(),
  /** SHA-256 of the agent's TLS public key, lower-case hexadecimal. */
  keyFingerprint: z.string(),
  condition: z.object({ mark, code: serverCode, parameters, sinceMs: instant }),
  seenAtMs: instant.optional(),
  /** Agent's clock minus the core's, in milliseconds. */
  clockOffsetMs: z.number().optional(),
  isSimulated: z.boolean(),
  isDraining: z.boolean(),
  /** Does every instance run under a user of its own? Only where the agent is root. */
  isIsolated: z.boolean(),
  /** Why not, and what waits for it; absent while the agent has not told. */
  isolation: instanceIsolation.optional(),
  /** How the limits of its instances' plans hold; absent while the agent has not told, and from agents of earlier days. */
  bounds: instanceBounds.optional(),
  capacity: resources,
  /** Each resource that was measured; one that is not there was not. */
  measured: measuredResources.optional(),
  busiest: measuredResources.optional(),
  /** What is reserved for instances. The outer name is kept from earlier versions. */
  promised: resources,
  room: z.number().int(),
  /** One letter an instance, sorted by name: g good, w working, a warning, b bad, p paused, u unknown. */
  field: z.string(),
  joinedAtMs: instant,
});
export type ServerView = z.infer<typeof serverView>;

export const servers = {
  list: look
    .route({ method: 'GET', path: '/servers', summary: 'List servers', tags: ['servers'] })
    .output(z.object({ servers: z.array(serverView) })),
  get: look
    .route({ method: 'GET', path: '/servers/{serverId}', summary: 'One server', tags: ['servers'] })
    .input(z.object({ serverId }))
    .output(serverView),
  /**
   * Begins a job that dials the address, checks the agent's key against the code before anything is sent, and joins. Its subject is the server that
   * will be there when it is done; nothing remains when it fails.
   */
  add: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'POST', path: '/servers', summary: 'Add a server by its address and pairing code', tags: ['servers'] })
    .input(write({ address: line.min(1).max(260), code: line.min(1).max(60), name: line.max(60).optional() }))
    .output(jobView),
  update: own
    .route({
      method: 'PATCH',
      path: '/servers/{serverId}',
      summary: 'Rename a server, drain it',
      tags: ['servers'],
    })
    .input(
      write({
        serverId,
        name: line.min(1).max(60).optional(),
        isDraining: z.boolean().optional(),
        // a field that moved to a procedure of its own must not be dropped in silence
      }).strict(),
    )
    .output(serverView),
  /**
   * Begins a job: what a person says counts, it takes the place of all addresses that the server had, and the DNS records of the instances on it follow.
   * IPv4 or IPv6, bare: see `public-address.ts`.
   */
  address: own
    .route({
      method: 'PUT',
      path: '/servers/{serverId}/addresses',
      summary: 'Confirm or change the public addresses of a server; the names of its instances follow',
      tags: ['servers'],
    })
    .input(write({ serverId, publicAddresses: z.array(line.max(260)).max(100) }))
    .output(jobView),
  /**
   * Begins a job: no instance comes to the server any more, its agent is told to leave, and then it is forgotten. While the agent cannot be told the job
   * waits with the reason; the same again continues it. `isGivenUp`: then the farm forgets the server and its key all the same, and what is on that
   * computer stays there; the job's proof says whether its agent was told. Of a server whose join stands still while it takes itself back, `isGivenUp` lets
   * that job, which is answered, go on without the agent.
   */
  remove: own
    .route({ method: 'DELETE', path: '/servers/{serverId}', summary: 'Take an empty server out of the farm', tags: ['servers'] })
    .input(write({ serverId, isGivenUp: z.boolean().optional() }))
    .output(jobView),
  /** Asks the agent now; the answer says what was found or why not. */
  check: operate
    .route({ method: 'POST', path: '/servers/{serverId}/check', summary: 'Ask a server now', tags: ['servers'] })
    .input(write({ serverId }))
    .output(z.object({ server: serverView, failure: failure.optional() })),
};
