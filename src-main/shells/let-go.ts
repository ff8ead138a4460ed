/**
 * Takes back what was done, the last first: every step of it, also when one fails (a full disk at letting the lock go must not leave the rest open).
 * Throws the first failure, after all. Empties the list, so that it may be called twice.
 */
export async function letGo(undo: (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
