import * as z from 'zod';
import { packageId, planId } from '../ids.ts';
import { localized, packageManifest, platform } from '../package-manifest.ts';
import { networkAccess } from '../agent/instances.ts';
import { look, own, resources, write } from './base.ts';

/** `name` is in the language of the question, or the farm's where that has none; `names` in all: see `nameIn`. */
export const planView = z.object({
  id: planId,
  packageId,
  key: z.string(),
  name: z.string(),
  names: localized.optional(),
  limits: resources,
});
export type PlanView = z.infer<typeof planView>;

export const packageView = z.object({
  id: packageId,
  version: z.string(),
  name: z.string(),
  summary: z.string(),
  /** A `data:` URL of the logo. */
  logo: z.string(),
  parameters: packageManifest.shape.parameters,
  plans: z.array(planView),
  platforms: z.array(platform),
  isDefault: z.boolean(),
  /** What it asks to reach on its server beside itself; absent where it asks for nothing. Without the agreement of an owner no instance of it is made. */
  network: networkAccess.extend({ isAgreed: z.boolean() }).optional(),
});
export type PackageView = z.infer<typeof packageView>;

export const packages = {
  list: look
    .route({ method: 'GET', path: '/packages', summary: 'Application packages and their plans', tags: ['packages'] })
    .input(z.object({ language: z.enum(['en', 'ru']).default('en') }))
    .output(z.object({ packages: z.array(packageView) })),
  /**
   * An owner agrees that instances of a package reach what they saw it ask for; it answers with what is agreed now. Nothing takes the agreement back, from
   * instances that are there too: on servers that keep rules by owner they are refused new connections at once, and those that stand end with their next
   * restart; on servers that are away when they are back. Throws `NOT_FOUND`.
   */
  agree: own
    .route({
      method: 'POST',
      path: '/packages/{packageId}/agreement',
      summary: 'Agree to what a package asks to reach',
      tags: ['packages'],
    })
    .input(write({ packageId, ...networkAccess.shape }))
    .output(networkAccess),
};
