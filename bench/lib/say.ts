import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** The middle of some numbers; of an even count the higher of the two. NaN of none. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Every benchmark begins and ends with this: a number from a busy machine must be known as one. */
export function sayMachine(when: 'before' | 'after'): void {
  const load =
    process.platform === 'linux' ? readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 2).join(' ') : loadavg()[0]?.toFixed(2);
  const processor = cpus();
  say(
    `machine ${when}: load ${load} on ${processor.length} cores (${processor[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}`,
  );
}

type Target = {
  readonly measured: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
  readonly digits?: number;
};

/** One result beside its target, with its verdict in words; never an exit code. */
export function sayTarget(what: string, { measured, atMost, atLeast, unit, digits = 2 }: Target): void {
  const isMet = measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);
  const bound = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  say(`${isMet ? 'ok    ' : 'MISSED'} ${what}: ${measured.toFixed(digits)} ${unit} (${bound})`);
}
