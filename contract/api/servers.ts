import * as z from 'zod';
import { failure } from '../errors.ts';
import { instant, serverId } from '../ids.ts';
import { look, mark, operate, own, parameters, resources, write } from './base.ts';

/** Why a server is in its state: the words are `servers.state.<code>`. "Offline" is never a cause. */
export const serverCode = z.enum([
  'ready',
  'joining',
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
  capacity: resources,
  measured: resources.optional(),
  busiest: resources.optional(),
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
  /** Dials the address, checks the agent's key against the code before anything is sent, joins. Seconds; nothing remains when it fails. */
  add: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'POST', path: '/servers', summary: 'Add a server by its address and pairing code', tags: ['servers'] })
    .input(write({ address: z.string().min(1).max(260), code: z.string().min(1).max(60), name: z.string().max(60).optional() }))
    .output(serverView),
  update: own
    .route({
      method: 'PATCH',
      path: '/servers/{serverId}',
      summary: 'Rename a server, drain it, confirm its public addresses',
      tags: ['servers'],
    })
    .input(
      write({
        serverId,
        name: z.string().min(1).max(60).optional(),
        isDraining: z.boolean().optional(),
        /** IPv4 or IPv6, bare: see `public-address.ts`. They take the place of all that the server had. */
        publicAddresses: z.array(z.string().max(260)).max(100).optional(),
      }),
    )
    .output(serverView),
  /**
   * The agent is told to leave first; when it cannot be told nothing changes and the reason is the error. `isGivenUp`: then the farm forgets the
   * server and its key all the same, `isAgentTold` is false, and what is on that computer stays there.
   */
  remove: own
    .route({ method: 'DELETE', path: '/servers/{serverId}', summary: 'Take an empty server out of the farm', tags: ['servers'] })
    .input(write({ serverId, isGivenUp: z.boolean().optional() }))
    .output(z.object({ serverId, isAgentTold: z.boolean() })),
  /** Asks the agent now; the answer says what was found or why not. */
  check: operate
    .route({ method: 'POST', path: '/servers/{serverId}/check', summary: 'Ask a server now', tags: ['servers'] })
    .input(write({ serverId }))
    .output(z.object({ server: serverView, failure: failure.optional() })),
};
