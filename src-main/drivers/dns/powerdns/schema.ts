import * as z from 'zod';

/**
 * What a person types to connect a PowerDNS server. `label` and `hint` are keys of the words, `secret` says which field is
 * sealed and never shown again: `z.toJSONSchema` carries all three to the form.
 */
export const powerDnsCredentials = z.object({
  url: z.url({ protocol: /^https?$/ }).meta({ label: 'domains.powerdns.url', hint: 'domains.powerdns.url.hint', secret: false }),
  apiKey: z
    .string()
    .min(1)
    .regex(/^[\x21-\x7e]+$/)
    .meta({ label: 'domains.powerdns.apiKey', hint: 'domains.powerdns.apiKey.hint', secret: true }),
  /** Only where the name servers cannot be found through the zone's NS records: a hidden primary, a test on another port. */
  nameServers: z
    .array(z.object({ address: z.union([z.ipv4(), z.ipv6()]), port: z.number().int().min(1).max(65535).default(53) }))
    .optional()
    .meta({ label: 'domains.powerdns.nameServers', hint: 'domains.powerdns.nameServers.hint', secret: false }),
});
export type PowerDnsCredentials = z.infer<typeof powerDnsCredentials>;

/** https://doc.powerdns.com/authoritative/http-api/zone.html */
export const apiZone = z.object({ id: z.string(), name: z.string(), kind: z.string(), soa_edit_api: z.string().nullish() });
export type ApiZone = z.infer<typeof apiZone>;
export const apiRecordSet = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.number().int(),
  records: z.array(z.object({ content: z.string(), disabled: z.boolean().default(false) })),
  /** Notes of a person beside the records. Taken over whole: they are given back as they were. */
  comments: z.array(z.looseObject({ content: z.string() })).default([]),
});
export type ApiRecordSet = z.infer<typeof apiRecordSet>;
export const apiZoneWithRecords = apiZone.extend({ rrsets: z.array(apiRecordSet) });
/** https://doc.powerdns.com/authoritative/http-api/server.html; `version`: `4.7.3`, `5.0.0-alpha1`, or words of a build of one's own. */
export const apiServer = z.object({ version: z.string() });
export const apiError = z.object({ error: z.string(), errors: z.array(z.string()).optional() });
