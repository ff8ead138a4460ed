/** By which seed of the random orders, or by which pair, a planted fault was found the last time. */
export const foundBy: Readonly<Record<string, number | string>> = {
  'an undone create forgets its DNS record': 1,
  'an undone create forgets its route': 234,
  'an undone create forgets the package it brought': 41,
  'a removal forgets the package': 26,
  'an undone domain forgets its zone': 242,
};
