export type HostAndPort = { readonly host: string; readonly port: number };

/** `host:port` or `[IPv6]:port`, as servers are saved. Undefined when it has not that form. */
export function splitAddress(address: string): HostAndPort | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(address.trim());
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
