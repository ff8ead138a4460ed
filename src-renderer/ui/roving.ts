/* Which entry of a group gets the focus after a key; null when the key is none of the group's. */
export function nextInGroup(key: string, current: number, isEnabled: readonly boolean[]): number | null {
  const count = isEnabled.length;
  if (count === 0) return null;
  const step = (from: number, by: 1 | -1): number | null => {
    for (let tried = 1; tried <= count; tried += 1) {
      const index = (from + by * tried + count * (tried + 1)) % count;
      if (isEnabled[index] === true) return index;
    }
    return null;
  };
  if (key === 'ArrowDown' || key === 'ArrowRight') return step(current, 1);
  if (key === 'ArrowUp' || key === 'ArrowLeft') return step(current, -1);
  if (key === 'Home') return step(-1, 1);
  if (key === 'End') return step(count, -1);
  return null;
}

/* The one tab stop of a group: the chosen entry, or the first that can be chosen. */
export function tabStopOfGroup(chosen: number, isEnabled: readonly boolean[]): number {
  if (chosen >= 0 && isEnabled[chosen] === true) return chosen;
  return Math.max(0, isEnabled.indexOf(true));
}
