import type { Format } from './format.ts';

const GB = 2 ** 30;

/** A size that somebody chose: `5 GB`, `512 MB`. Whole gigabytes are said as such; measured values use `format.bytes`. */
export function sizeText(format: Format, bytes: number): string {
  if (bytes < GB || bytes % (GB / 2) !== 0) return format.bytes(bytes);
  return `${format.number(bytes / GB, 1)}\u00a0${format.bytesParts(100 * GB).unit}`;
}
