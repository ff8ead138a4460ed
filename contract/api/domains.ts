import * as z from 'zod';
import { endpoint } from '../catalogue/credential-fields.ts';
import { dnsKind, dnsRequest } from '../catalogue/providers.ts';
import { domainId, instant, jobId, serverId } from '../ids.ts';
import { line } from '../plain-text.ts';
import { jobView } from './jobs.ts';
import { look, own, parameters, write } from './base.ts';

export const domainView = z.object({
  id: domainId,
  name: z.string(),
  dns: z.object({ kind: dnsKind, server: z.string(), isReachable: z.boolean().optional(), checkedAtMs: instant.optional() }),
  isDefault: z.boolean(),
  /** A job takes it out of the farm; no instance begins below it. */
  isLeaving: z.boolean().optional(),
  /** A job brings it into the farm; no instance begins below it yet. */
  isComing: z.boolean().optional(),
  /** The job that works on it now, or that stands still and waits for a person. */
  jobId: jobId.optional(),
  /** The wildcard record that the farm keeps: instances on that server need no record. Not relied on while it is made or taken away. */
  wildcard: z.object({ name: z.string(), values: z.array(z.string()), serverId, serverName: z.string(), isRelied: z.boolean() }).optional(),
  records: z.array(z.object({ name: z.string(), type: z.string(), value: z.string(), ttlSeconds: z.number(), instanceName: z.string() })),
  createdAtMs: instant,
});
export type DomainView = z.infer<typeof domainView>;

/** Why one kind of record is better here; the words are `domains.advice.<code>`. */
export const recordAdvice = z.enum([
  'own-server',
  'no-server',
  'none-yet',
  'many-servers',
  'placement-open',
  'wildcard-would-do',
  'wildcard-stands',
  'wildcard-kept',
]);
/** What stands at an instance's name instead of what the farm wrote; the words are `domains.difference.<code>`. */
export const recordDifference = z.enum(['missing', 'different', 'outdated']);
/** How far the farm's key reaches at the name server; the words are `domains.reach.<kind>`. */
export const keyReach = z.enum(['own', 'zone', 'whole-server', 'unknown']);

/** What keeps a zone's changes from the world; the words are `domains.fault.<code>`. */
export const zoneFault = z.enum(['serial-stands-still', 'not-answering']);

/** What stands in the zone of a domain, asked just now. Texts of the zone are untrusted. */
export const domainInspection = z.object({
  askedAtMs: instant,
  /** The wildcard that answers for names without records; `serverName` where a value is an address of this farm's server. */
  wildcard: z
    .object({ name: z.string(), leads: z.array(z.object({ type: z.string(), value: z.string(), serverName: z.string().optional() })) })
    .optional(),
  /** Names with records that are not the farm's: the wildcard does not answer for `hides`. The first 50 of `hidingCount`. */
  hiding: z.array(z.object({ name: z.string(), found: z.string(), hides: z.string() })),
  hidingCount: z.number().int(),
  /** Instances whose own record is not what it should be. The first 50 of `differenceCount`. */
  differences: z.array(
    z.object({ code: recordDifference, instanceName: z.string(), host: z.string(), found: z.string(), expected: z.string() }),
  ),
  differenceCount: z.number().int(),
  advice: z.object({ code: recordAdvice, parameters }),
  reach: z.object({ kind: keyReach, otherZones: z.number().int() }),
  faults: z.array(zoneFault),
});
export type DomainInspection = z.infer<typeof domainInspection>;

/** Fields of the domain's provider by their names in `catalogue/providers.ts`. Which it has is known once the domain is: `CREDENTIAL_INVALID` names the one that is wrong. */
const credentialChange = z.record(line, z.union([line, z.array(endpoint)]));
export type CredentialChange = z.infer<typeof credentialChange>;

export const domains = {
  list: look
    .route({ method: 'GET', path: '/domains', summary: 'Farm domains with their records', tags: ['domains'] })
    .output(z.object({ domains: z.array(domainView) })),
  /** Checks the credentials, the zone and who answers for it before anything is saved (`DNS_DELEGATED`, `DNS_REFUSED`); the job makes zone and test wildcard. */
  add: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'POST', path: '/domains', summary: 'Add a farm domain with its DNS', tags: ['domains'] })
    .input(write({ name: line.min(1).max(253), dns: dnsRequest }))
    .output(jobView),
  /** What is not given stays. The new credentials are checked before they take the place of the old ones; throws `CREDENTIAL_INVALID`. */
  update: own
    .meta({ permission: 'own', hasSecrets: true })
    .route({ method: 'PATCH', path: '/domains/{domainId}', summary: 'Change how a domain’s name server is reached', tags: ['domains'] })
    .input(write({ domainId, dns: credentialChange }))
    .output(jobView),
  /** Asks the name server now and changes nothing. Throws what the name server says, `DNS_SLOW` after a few seconds. */
  inspect: look
    .route({ method: 'GET', path: '/domains/{domainId}/inspection', summary: 'What stands in the zone of a domain', tags: ['domains'] })
    .input(z.object({ domainId }))
    .output(domainInspection),
  /**
   * Puts a wildcard for one server into the zone; its instances then need no record, those elsewhere get their own as before. Asked again, it
   * follows the server's addresses. `EXISTS` while it leads to another server, `DNS_UNSAFE` where somebody else has a wildcard.
   */
  keepWildcard: own
    .route({ method: 'POST', path: '/domains/{domainId}/wildcard', summary: 'Keep one wildcard record for a server', tags: ['domains'] })
    .input(write({ domainId, serverId }))
    .output(jobView),
  /** Gives everybody who is found by it a record first. `OBJECT_BUSY` while a job works on one of them, `NOT_FOUND` where the farm keeps none. */
  dropWildcard: own
    .route({ method: 'DELETE', path: '/domains/{domainId}/wildcard', summary: 'Take the farm’s wildcard record out', tags: ['domains'] })
    .input(write({ domainId }))
    .output(jobView),
  /**
   * Refused with `DOMAIN_IN_USE` while instances or unfinished jobs need it, and with `DOMAIN_OF_DEMO` for the demo farm's own. Zone and records of
   * another's name server stay as they are. New instances go to the oldest of the others from then on, if they went here.
   */
  remove: own
    .route({ method: 'DELETE', path: '/domains/{domainId}', summary: 'Take a domain out of the farm', tags: ['domains'] })
    .input(write({ domainId }))
    .output(jobView),
};
