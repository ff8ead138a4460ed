import type { HandOver } from '#contract/api/instances.ts';
import type { InstanceId } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import type { By } from '../../model/operators/by.ts';
import type { Instance } from '../../model/instances/instance.ts';
import { valuesOf } from '../../checks/secret-values.ts';
import { addressOf, siteOfRow } from '../../checks/site.ts';
import { rowFor } from '../../checks/sensible-act.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

/** True for the one call that hands the password over: which one it was is settled in the store. */
async function takeOnce(deps: InstanceServiceDeps, row: Instance, { actor }: By, hasPassword: boolean): Promise<boolean> {
  const isFirst = await deps.store.transaction(async (tables) => {
    const now = await tables.instances.get(row.id);
    const isOpen = now !== undefined && now.handedOverAtMs === null;
    if (isOpen) await tables.instances.put({ ...now, handedOverAtMs: deps.clock.nowMs() });
    const password = hasPassword ? (isOpen ? 'yes' : 'no') : 'none';
    await deps.rows.tell(tables, row, { code: 'act.handOver', parameters: { password }, actor, failure: null });
    return isOpen;
  });
  await deps.rows.announce(row.id);
  return isFirst;
}

/** The recorded act of handing over: address, user name, letter; the first password once. */
export async function handOver(deps: InstanceServiceDeps, id: InstanceId, by: By): Promise<HandOver> {
  const row = await rowFor(deps, id, 'handOver');
  const site = await siteOfRow(deps, row);
  const { manifest } = await deps.packages.manifest(row.packageId);
  const customer = row.customerId === null ? undefined : await deps.store.customers.get(row.customerId);
  const values = await valuesOf(deps.secrets, row);
  const named = (parameter: string | undefined): string | undefined => {
    const value = parameter === undefined ? undefined : values[parameter];
    return value === undefined ? undefined : String(value);
  };
  const url = manifest.handOver.path === '/' ? addressOf(site) : `${addressOf(site)}${manifest.handOver.path}`;
  const userName = named(manifest.handOver.userName);
  const first = named(manifest.handOver.password);
  const password = (await takeOnce(deps, row, by, first !== undefined)) ? first : undefined;
  const change = manifest.handOver.passwordChange;
  const language = customer?.language ?? deps.farm().language;
  const letter = deps.letter(language, {
    customer: customer?.name || 'none',
    package: localizedText(manifest.name, language),
    url,
    userName: userName ?? 'none',
    passwordIs: manifest.handOver.password === undefined ? 'none' : password === undefined ? 'sent' : 'first',
    password: password ?? 'none',
    passwordChange: change?.kind ?? 'none',
    where: (change?.kind === 'inside' && localizedText(change.where, language)) || 'none',
    note: localizedText(manifest.handOver.note, language) || 'none',
    farm: deps.farm().name,
  });
  const checkedAtMs = deps.outsideChecks.get(id)?.find((check) => check.mark === 'good' && check.stone === 'application')?.checkedAtMs;
  return {
    url,
    letter,
    witness: deps.vantagePoint(),
    needsSiteAuthority: true,
    ...(userName === undefined ? {} : { userName }),
    ...(password === undefined ? {} : { password }),
    ...(checkedAtMs === undefined ? {} : { checkedAtMs }),
  };
}
