import type { DomainId } from '#contract/ids.ts';
import { checkLabel, nameError, proposeLabel } from '../../model/instances/names.ts';
import { domainFor } from './begin-create.ts';
import { foreignNameError } from './foreign-name.ts';
import type { InstanceServiceDeps } from './instance-service.ts';
import { urlOf } from '../../model/instances/address.ts';

export type NameVerdict =
  | { readonly verdict: 'free'; readonly label: string; readonly url: string }
  | { readonly verdict: 'refused'; readonly code: string; readonly parameters: Record<string, string>; readonly proposal?: string };

/** The port that the address will have, where all servers agree; which server it will be is not known yet. */
async function likelyPort(deps: Pick<InstanceServiceDeps, 'store' | 'farm'>): Promise<number | undefined> {
  const ports = new Set((await deps.store.servers.find({ farmId: deps.farm().id })).map((server) => server.facts.httpsPort));
  const [only] = ports;
  return ports.size === 1 ? only : undefined;
}

/** Asked while a person types: a name server that needs longer has no say yet. */
const dnsLimitMs = 400;

/** Is the label valid and free, and which would be instead? From any script: "Анна" proposes `anna`. */
export async function checkName(
  deps: Pick<InstanceServiceDeps, 'store' | 'farm' | 'clock' | 'dns'>,
  text: string,
  domainId: DomainId | undefined,
): Promise<NameVerdict> {
  const domain = await domainFor(deps, domainId);
  const rows = await deps.store.instances.find({ farmId: deps.farm().id, domainId: domain.id });
  const names = new Set(rows.map((row) => row.name));
  const checked = checkLabel(text);
  if (checked.isOk && !names.has(checked.label)) {
    const { label } = checked;
    const address = `${label}.${domain.name}`;
    const foreign = await foreignNameError(deps, domain, address, dnsLimitMs);
    if (foreign === undefined) return { verdict: 'free', label, url: urlOf(address, await likelyPort(deps)) };
    const proposal = proposeLabel(text, (other) => other === label || names.has(other));
    return { verdict: 'refused', code: foreign.code, parameters: foreign.parameters, ...(proposal === undefined ? {} : { proposal }) };
  }
  const proposal = proposeLabel(text, (label) => names.has(label));
  const more = proposal === undefined ? {} : { proposal };
  if (checked.isOk) {
    const parameters = { name: checked.label, address: `${checked.label}.${domain.name}` };
    return { verdict: 'refused', code: 'NAME_TAKEN', parameters, ...more };
  }
  const { code, parameters } = nameError(text, checked);
  return { verdict: 'refused', code, parameters: { ...parameters }, ...more };
}
