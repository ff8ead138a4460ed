import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { type ErrorParameters, FarmError } from '#contract/errors.ts';

export type Cause = ErrorParameters<'SERVER_UNREACHABLE'>['cause'];
/** How the server is called in sentences. The agent knows neither. */
export type Names = { readonly server: string; readonly address: string };

export function unreachable(names: Names, cause: Cause, options?: ErrorOptions): FarmError {
  return new FarmError('SERVER_UNREACHABLE', { server: names.server, address: names.address, cause }, options);
}

/** Fills in the names that the agent could not know. */
export function withNames(error: FarmError, names: Names): FarmError {
  const parameters: Record<string, string | number> = { ...error.parameters };
  const missing = (['server', 'address'] as const).filter((key) => parameters[key] === '');
  if (missing.length === 0) return error;
  for (const key of missing) parameters[key] = names[key];
  return farmErrorFrom(error.code, parameters) ?? error;
}

const causes: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  EAI_FAIL: 'name',
  EAI_NODATA: 'name',
  EAI_NONAME: 'name',
  ENETUNREACH: 'network',
  ENETDOWN: 'network',
  EHOSTUNREACH: 'network',
  EHOSTDOWN: 'network',
  EADDRNOTAVAIL: 'network',
  EACCES: 'network',
  EPERM: 'network',
  // What answers there does not speak TLS 1.3: it is something else than an agent.
  EPROTO: 'identity',
};

/** The cause by the code of a socket's error; what is cut off without a reason is `closed`. */
export function causeOf(error: unknown): Cause {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'identity';
  return causes[code] ?? 'closed';
}
