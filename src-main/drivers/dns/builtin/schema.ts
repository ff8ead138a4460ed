import * as z from 'zod';

/** The built-in name server needs no credentials, only a place to listen: loopback, until somebody means to publish it. */
export const builtinCredentials = z.object({
  address: z
    .union([z.ipv4(), z.ipv6()])
    .default('127.0.0.1')
    .meta({ label: 'domains.builtin.address', hint: 'domains.builtin.address.hint', secret: false }),
  /** 0: any free port, the same one again after a restart only if the caller passes it. */
  port: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .meta({ label: 'domains.builtin.port', hint: 'domains.builtin.port.hint', secret: false }),
});
export type BuiltinCredentials = z.infer<typeof builtinCredentials>;
