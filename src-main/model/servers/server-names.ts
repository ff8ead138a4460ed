/** Short everyday names for servers; a person may change them. Trees, so that nobody mistakes one for a customer. */
const trees = [
  'Alder',
  'Birch',
  'Cedar',
  'Elm',
  'Fir',
  'Hazel',
  'Larch',
  'Maple',
  'Oak',
  'Pine',
  'Rowan',
  'Spruce',
  'Willow',
  'Ash',
  'Beech',
  'Linden',
  'Juniper',
  'Poplar',
  'Chestnut',
  'Sycamore',
];

/** The first free name; with a number after the list is used up. */
export function proposeServerName(taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  for (let round = 1; ; round += 1) {
    for (const tree of trees) {
      const name = round === 1 ? tree : `${tree} ${round}`;
      if (!used.has(name.toLowerCase())) return name;
    }
  }
}
