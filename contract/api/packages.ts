import * as z from 'zod';
import { packageId, planId } from '../ids.ts';
import { localized, packageManifest, platform } from '../package-manifest.ts';
import { look, resources } from './base.ts';

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
});
export type PackageView = z.infer<typeof packageView>;

export const packages = {
  list: look
    .route({ method: 'GET', path: '/packages', summary: 'Application packages and their plans', tags: ['packages'] })
    .input(z.object({ language: z.enum(['en', 'ru']).default('en') }))
    .output(z.object({ packages: z.array(packageView) })),
};
