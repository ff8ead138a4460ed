/** By which seed of the random orders, by which death of a scenario or by which pair, a planted fault was found the last time. */
export const foundBy: Readonly<Record<string, number | string>> = {
  'an undone create forgets its DNS record': 46,
  'an undone create forgets its route': 'create dies at commit 15 / undo',
  'a removal forgets the package': 26,
  'an undone domain forgets its zone': 'add-domain dies at commit 9 / undo',
  'a join that is taken back leaves its agent in the farm': 'join-server Larch / join-server Larch / dying link / 50',
  'a removed domain leaves its certificates on servers': 'remove-domain shop.test / remove-domain shop.test / nothing / 0',
  'a wildcard is taken out before the names below it have their own': 'drop-wildcard dies at commit 24 / continue',
  'names do not follow the addresses of their server': 68,
  'a wildcard is relied on without a record': 13,
  'a job that has ended keeps its locks': 1,
  'what stood before a step is not saved': 53,
  'an act that failed does not say what can still be wanted': 'suspend anna / resume anna / dying link / 0',
  'a job takes no locks': 'start anna / suspend anna / nothing / 0',
};
