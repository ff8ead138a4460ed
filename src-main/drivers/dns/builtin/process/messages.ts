import * as z from 'zod';
import type { StoredZone } from '../../../../ports/dns.ts';
import type { ZoneChange } from '../zone-changes.ts';

/**
 * What the core says to the process, one JSON line each on its standard input. A `version` grows with every change; the process answers with the last one
 * that it has taken. `begin` comes once, after the sockets where they are passed; it is told without them (`port`) where the system cannot pass them.
 */
export type FromCore =
  | {
      readonly say: 'begin';
      readonly address: string;
      readonly port: number;
      readonly isPassed: boolean;
      readonly version: number;
      readonly zones: readonly StoredZone[];
    }
  | { readonly say: 'change'; readonly version: number; readonly change: ZoneChange }
  | { readonly say: 'ping'; readonly id: number };

const whole = z.number().int().nonnegative();
/** What the process says to the core, one JSON line each on its standard output. It reads what strangers send, so it is believed only as far as it was asked. */
export const fromProcess = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('serving'), port: z.number().int().min(1).max(65_535), version: whole }),
  /** The system's code, `EADDRINUSE` when another program has the port. It ends then. */
  z.strictObject({ say: z.literal('failed'), code: z.string().max(40) }),
  z.strictObject({ say: z.literal('taken'), version: whole }),
  z.strictObject({ say: z.literal('pong'), id: whole }),
]);
export type FromProcess = z.output<typeof fromProcess>;
/** The longest of them has some sixty. */
export const mostCharactersOfProcess = 256;
