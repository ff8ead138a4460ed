import type * as z from 'zod';
import type { DnsDriver } from '../../ports/dns.ts';
import { createBuiltinDriver } from './builtin/index.ts';
import { builtinCredentials } from './builtin/schema.ts';
import type { DnsDriverContext } from './driver-context.ts';
import { createPowerDnsDriver } from './powerdns/index.ts';
import { powerDnsCredentials } from './powerdns/schema.ts';

export type DnsDriverEntry<S extends z.ZodType> = {
  /** Draws the form and checks what was typed into it: see `powerdns/schema.ts`. */
  readonly credentials: S;
  readonly create: (credentials: z.output<S>, context: DnsDriverContext) => Promise<DnsDriver>;
};

function entry<S extends z.ZodType>(credentials: S, create: DnsDriverEntry<S>['create']): DnsDriverEntry<S> {
  return { credentials, create };
}

/** Every DNS driver. A new one is a folder, a line here, and its name in the words. */
export const dnsDrivers = {
  builtin: entry(builtinCredentials, createBuiltinDriver),
  powerdns: entry(powerDnsCredentials, async (credentials, context) => createPowerDnsDriver(credentials, context)),
} as const;
export type DnsDriverKind = keyof typeof dnsDrivers;
