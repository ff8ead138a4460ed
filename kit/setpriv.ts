/**
 * Arguments of setpriv(1) (util-linux) before a program and its own: it and its children gain no rights by any program that they start. `userId`, which
 * only root may ask for: it becomes that user and group, without other groups and without any capability. `endsWithParent`: the kernel ends it with the
 * thread that started it, also where the program hangs.
 */
export function setprivArguments(wanted: { readonly userId?: number | undefined; readonly endsWithParent?: boolean }): readonly string[] {
  const { userId, endsWithParent = false } = wanted;
  const become = [`--reuid=${userId}`, `--regid=${userId}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
  return [...(userId === undefined ? [] : become), '--no-new-privs', ...(endsWithParent ? ['--pdeathsig=KILL'] : []), '--'];
}
