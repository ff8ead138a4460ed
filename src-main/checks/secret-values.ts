import * as z from 'zod';
import { type ParameterValues, secretContext } from '../model/instances/parameter-values.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { Secrets } from '../ports/secrets.ts';

const secretValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** All parameters of an instance, its secrets opened. For the agent and the outside request only. Throws `SECRETS_LOCKED`. */
export async function valuesOf(secrets: Pick<Secrets, 'open'>, row: Instance): Promise<ParameterValues> {
  if (row.sealedSecrets === '') return row.parameters;
  const opened = secretValues.parse(JSON.parse(await secrets.open(secretContext(row.id), row.sealedSecrets)));
  return { ...row.parameters, ...opened };
}
