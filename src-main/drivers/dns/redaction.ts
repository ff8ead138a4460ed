import { inspect } from 'node:util';
import { type ErrorCode, FarmError, isFarmError } from '#contract/errors.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';

/** What stands in the place of a secret. */
const hidden = '•••';
/** Shorter ones are in every text by chance, and guard nothing. */
const leastCharacters = 4;

/** How a far server, or a library, may write a secret into its words. */
const formsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
];

/** Where a text was cut off in the middle of a secret, its beginning is still there. */
function cutOff(text: string, form: string): string {
  for (let length = form.length - 1; length >= leastCharacters; length -= 1)
    if (text.endsWith(form.slice(0, length))) return `${text.slice(0, -length)}${hidden}`;
  return text;
}

/**
 * Takes secrets out of what was thrown: out of the parameters of a coded error; anything else that holds one, in whatever property or cause, becomes
 * a plain error of the same name. What holds none is given back as it is. Never throws.
 */
export function createRedaction(secrets: readonly string[]): (thrown: unknown) => unknown {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= leastCharacters).flatMap(formsOf))].toSorted(
    (one, other) => other.length - one.length,
  );
  const hide = (text: string): string =>
    forms.reduce(
      (rest, form) => cutOff(rest, form),
      forms.reduce((rest, form) => rest.replaceAll(form, hidden), text),
    );
  const holds = (thrown: unknown): boolean => {
    const text = inspect(thrown, { depth: 8, showHidden: true, maxStringLength: null, maxArrayLength: null });
    return forms.some((form) => text.includes(form));
  };
  const plain = <E extends Error>(made: E, { name, stack }: Error): E => {
    made.name = name;
    made.stack = hide(stack ?? '');
    return made;
  };
  return (thrown) => {
    if (forms.length === 0) return thrown;
    if (isFarmError<ErrorCode>(thrown)) {
      const parameters: Record<string, unknown> = { ...thrown.parameters };
      const shown = Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? hide(value) : value]),
      );
      const isClean = Object.entries(shown).every(([name, value]) => value === parameters[name]) && !holds(thrown);
      return isClean ? thrown : plain(new FarmError(thrown.code, shown as FarmError['parameters']), thrown);
    }
    if (!holds(thrown)) return thrown;
    return thrown instanceof Error ? plain(new Error(hide(thrown.message)), thrown) : new Error(hide(String(thrown)));
  };
}

/** The same driver, whose errors hold no secret. */
export function redactDriver(driver: DnsDriver, redact: (thrown: unknown) => unknown): DnsDriver {
  const clean =
    <A extends unknown[], R>(act: (...asked: A) => Promise<R>): ((...asked: A) => Promise<R>) =>
    async (...asked) => {
      try {
        return await act(...asked);
      } catch (error) {
        throw redact(error);
      }
    };
  return {
    kind: driver.kind,
    capabilities: driver.capabilities,
    findZone: clean(driver.findZone),
    list: clean(driver.list),
    apply: clean(driver.apply),
    authoritativeServers: clean(driver.authoritativeServers),
    createZone: clean(driver.createZone),
    reach: clean(driver.reach),
    faults: clean(driver.faults),
    ...(driver.removeZone === undefined ? {} : { removeZone: clean(driver.removeZone) }),
    ...(driver.silentSinceMs === undefined ? {} : { silentSinceMs: driver.silentSinceMs }),
    close: clean(driver.close),
  };
}
