import * as z from 'zod';
import type { CredentialsOf } from '#contract/catalogue/providers.ts';

export type PowerDnsCredentials = CredentialsOf<'powerdns'>;

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
