/**
 * What `act` gives for each item, in order, with a pause after every `size` of them: a list of thousands then holds up nobody for longer than one slice.
 * What the items are made from may change in a pause. Throws what `act` throws, and what `pause` does.
 */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  size: number,
  pause: () => Promise<void>,
  act: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    if (results.length > 0 && results.length % size === 0) await pause();
    results.push(act(item));
  }
  return results;
}
