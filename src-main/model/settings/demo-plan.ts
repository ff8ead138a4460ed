import type { Resources } from '#contract/api/base.ts';

const gigabyte = 2 ** 30;
export const demoDomain = 'farm.localhost';

/** The three servers of a demo farm: small, of different sizes, so that placement has something to say. */
export const demoServers: readonly { readonly name: string; readonly simulated: Resources }[] = [
  { name: 'Alder', simulated: { memoryBytes: 8 * gigabyte, cpuMillicores: 4000, diskBytes: 100 * gigabyte } },
  { name: 'Birch', simulated: { memoryBytes: 6 * gigabyte, cpuMillicores: 4000, diskBytes: 80 * gigabyte } },
  { name: 'Cedar', simulated: { memoryBytes: 4 * gigabyte, cpuMillicores: 2000, diskBytes: 60 * gigabyte } },
];

/** Where each demo agent would like to listen: link, HTTPS and HTTP of the first, second and third. */
export const demoPorts: readonly (readonly [link: number, https: number, http: number])[] = [
  [7443, 8443, 8080],
  [7444, 8444, 8081],
  [7445, 8445, 8082],
];
