/**
 * A promise over events that always ends: by `resolve`, by `reject`, or by the signal (then with its reason). `release` runs
 * once, whichever it was.
 */
export function settle<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  release: (isResolved: boolean) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isOver = false;
    const finish = (isResolved: boolean, end: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      release(isResolved);
      end();
    };
    const onAbort = (): void => finish(false, () => reject(signal.reason));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
      return;
    }
    begin(
      (value) => finish(true, () => resolve(value)),
      (error) => finish(false, () => reject(error)),
    );
  });
}

/** The code of a system, OpenSSL or Node error: all that is said of it. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
