import * as z from 'zod';
import { type AskedOf, jobCatalogue, type JobType } from './jobs.ts';

/** One type of job with what its row asks. */
export type ActOf<T extends JobType> = T extends JobType ? { readonly type: T } & AskedOf<T> : never;
type TypedAct<T extends JobType> = T extends JobType ? { readonly type: T } & z.input<(typeof jobCatalogue)[T]['asks']> : never;

/** One of these types, by its name, with what its row asks. */
export function actsOf<T extends JobType>(types: readonly T[]): z.ZodType<ActOf<T>, TypedAct<T>> {
  const options = types.map((type) => {
    const asks: z.ZodObject = jobCatalogue[type].asks;
    return asks.extend({ type: z.literal(type) });
  });
  const [first, ...others] = options;
  if (first === undefined) throw new Error('no type of job');
  // Each option is made of the row by whose type it is told from the others.
  return z.discriminatedUnion('type', [first, ...others]) as unknown as z.ZodType<ActOf<T>, TypedAct<T>>;
}
