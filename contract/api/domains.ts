import * as z from 'zod';
import { domainId, instant } from '../ids.ts';
import { look, own, write } from './base.ts';

export const dnsKind = z.enum(['builtin', 'powerdns']);
export const domainView = z.object({
  id: domainId,
  name: z.string(),
  dns: z.object({ kind: dnsKind, server: z.string(), isReachable: z.boolean().optional(), checkedAtMs: instant.optional() }),
  isDefault: z.boolean(),
  records: z.array(z.object({ name: z.string(), type: z.string(), value: z.string(), ttlSeconds: z.number(), instanceName: z.string() })),
  createdAtMs: instant,
});
export type DomainView = z.infer<typeof domainView>;

const powerdns = z.object({
  kind: z.literal('powerdns'),
  url: z.url(),
  apiKey: z.string().min(1),
  nameServers: z.array(z.object({ address: z.string(), port: z.number().int().default(53) })).optional(),
});
const builtin = z.object({ kind: z.literal('builtin') });
export const domains = {
  list: look
    .route({ method: 'GET', path: '/domains', summary: 'Farm domains with their records', tags: ['domains'] })
    .output(z.object({ domains: z.array(domainView) })),
  /** Checks the credentials and the zone before anything is saved; makes the test wildcard of the site authority. */
  add: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'POST', path: '/domains', summary: 'Add a farm domain with its DNS', tags: ['domains'] })
    .input(write({ name: z.string().min(1).max(253), dns: z.discriminatedUnion('kind', [powerdns, builtin]) }))
    .output(domainView),
  /** What is not given stays. The new credentials are checked before they take the place of the old ones. */
  update: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'PATCH', path: '/domains/{domainId}', summary: 'Change how a domain’s name server is reached', tags: ['domains'] })
    .input(write({ domainId, dns: powerdns.omit({ kind: true }).partial() }))
    .output(domainView),
};
