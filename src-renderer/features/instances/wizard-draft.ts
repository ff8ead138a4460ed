import * as z from 'zod';
import { customerId, domainId, language, packageId, planId, serverId } from '#contract/ids.ts';

/** What is kept of the form when it is left. Secrets are never in it. */
const draft = z.object({
  name: z.string().max(200).catch(''),
  customerName: z.string().max(200).catch(''),
  customerId: customerId.optional().catch(undefined),
  language: language.optional().catch(undefined),
  packageId: packageId.optional().catch(undefined),
  planId: planId.optional().catch(undefined),
  domainId: domainId.optional().catch(undefined),
  serverId: serverId.optional().catch(undefined),
  parameters: z.record(z.string(), z.string()).catch({}),
});
export type WizardDraft = z.infer<typeof draft>;

export const emptyDraft: WizardDraft = draft.parse({});

/** A kept draft, perhaps of an older version: what no longer fits is dropped, the rest stays. */
export function checkDraft(kept: unknown): WizardDraft {
  const found = draft.safeParse(typeof kept === 'object' && kept !== null ? kept : {});
  return found.success ? found.data : emptyDraft;
}

export function isTouched(kept: WizardDraft): boolean {
  return kept.name !== '' || kept.customerName !== '' || Object.values(kept.parameters).some((value) => value !== '');
}
