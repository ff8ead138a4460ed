/** What the area of an act knows of it before it is done: its job's input, and what its sentences name beside it. */
export type Foreseen = {
  readonly input: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, string | number>>;
};
