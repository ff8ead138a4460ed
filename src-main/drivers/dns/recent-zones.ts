import { isInZone, normalizeDnsName, suffixesOf } from '../../model/domains/dns-name.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AuthoritativeServer, DnsCall, DnsZone } from '../../ports/dns.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';

/** Long enough for one create, too short for anybody to have changed a zone and to wait for us to see it. */
export const recentMs = 10_000;

/** What was answered last, by name, for `recentMs`. A clock that was put back makes every answer old. */
function createRecent<Answer>(clock: Pick<Clock, 'nowMs'>) {
  const answers = new Map<string, { readonly answer: Answer; readonly atMs: number }>();
  const isRecent = ({ atMs }: { readonly atMs: number }): boolean => {
    const ageMs = clock.nowMs() - atMs;
    return ageMs >= 0 && ageMs < recentMs;
  };
  return {
    get: (name: string): Answer | undefined => {
      const found = answers.get(name);
      return found !== undefined && isRecent(found) ? found.answer : undefined;
    },
    put: (names: readonly string[], answer: Answer): void => {
      for (const [name, kept] of answers) if (!isRecent(kept)) answers.delete(name);
      for (const name of names) answers.set(name, { answer, atMs: clock.nowMs() });
    },
    clear: (): void => answers.clear(),
  };
}

/**
 * The same driver, which answers who holds a name, and which servers speak for a zone, from what it heard in the last seconds, for whoever says that
 * this will do. All of it is forgotten when a call fails, whatever the cause, and when a zone is made or taken away.
 */
export function keepRecentZones(driver: DnsDriver, clock: Pick<Clock, 'nowMs'>): DnsDriver {
  const zones = createRecent<DnsZone>(clock);
  const servers = createRecent<readonly AuthoritativeServer[]>(clock);
  let forgotten = 0;
  const forget = (): void => {
    forgotten += 1;
    zones.clear();
    servers.clear();
  };
  const forgetOnError =
    <Asked extends unknown[], Answer>(act: (...asked: Asked) => Promise<Answer>): ((...asked: Asked) => Promise<Answer>) =>
    async (...asked) => {
      try {
        return await act(...asked);
      } catch (error) {
        forget();
        throw error;
      }
    };
  const forgetAround =
    <Asked extends unknown[], Answer>(act: (...asked: Asked) => Promise<Answer>): ((...asked: Asked) => Promise<Answer>) =>
    async (...asked) => {
      try {
        return await act(...asked);
      } finally {
        forget();
      }
    };
  /** An answer that was asked for before everything was forgotten is given, and not kept. */
  const ask = async <Answer>(answer: Promise<Answer>, keep: (answer: Answer) => void): Promise<Answer> => {
    const before = forgotten;
    const found = await answer;
    if (before === forgotten) keep(found);
    return found;
  };
  const mayAnswer = (call: DnsCall | undefined): boolean => {
    call?.signal?.throwIfAborted();
    return call?.mayBeRecent === true;
  };
  return {
    ...driver,
    findZone: forgetOnError(async (fqdn, call) => {
      const name = normalizeDnsName(fqdn);
      const recent = mayAnswer(call) ? zones.get(name) : undefined;
      if (recent !== undefined) return recent;
      return ask(driver.findZone(fqdn, call), (zone) => {
        // the longest zone that ends a name is that of every name between the two as well
        const between = suffixesOf(name).filter((one) => isInZone(one, zone.name));
        zones.put(between, zone);
      });
    }),
    authoritativeServers: forgetOnError(async (zone, call) => {
      const recent = mayAnswer(call) ? servers.get(zone.name) : undefined;
      return recent ?? ask(driver.authoritativeServers(zone, call), (found) => servers.put([zone.name], found));
    }),
    list: forgetOnError(driver.list),
    reach: forgetOnError(driver.reach),
    faults: forgetOnError(driver.faults),
    apply: forgetOnError(driver.apply),
    createZone: forgetAround(driver.createZone),
    ...(driver.removeZone === undefined ? {} : { removeZone: forgetAround(driver.removeZone) }),
  };
}
