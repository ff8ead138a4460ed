import { errorCode } from './whole-file.ts';

/**
 * What link(2) says where a file system has no hard links (FAT, exFAT, many network shares), or has no more for this file. `EISDIR` is libuv's word for
 * Windows' ERROR_INVALID_FUNCTION (https://github.com/libuv/libuv/blob/v1.x/src/win/error.c).
 */
const refusals = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'];

/** Whether `link` failed because it cannot be done there at all, rather than because of what stands at either name. */
export function isLinkRefused(error: unknown): boolean {
  return refusals.includes(errorCode(error));
}
