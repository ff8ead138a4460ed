import { type ParameterValues, readSecretValues, secretContext } from '../model/instances/parameter-values.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { Secrets } from '../ports/secrets.ts';

/** All parameters of an instance, its secrets opened. For the agent and the outside request only. Throws `SECRETS_LOCKED`. */
export async function valuesOf(secrets: Pick<Secrets, 'open'>, row: Instance): Promise<ParameterValues> {
  if (row.sealedSecrets === '') return row.parameters;
  return { ...row.parameters, ...readSecretValues(await secrets.open(secretContext(row.id), row.sealedSecrets)) };
}
