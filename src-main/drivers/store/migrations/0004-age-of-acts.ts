import type { Migration } from '../migrate.ts';

/** Answers kept under request keys go by their age: without this each sweep reads all of them. */
export const ageOfActs: Migration = {
  name: '0004-age-of-acts',
  up: async (schema) => {
    await schema.createIndex('acts_age').on('acts').column('at_ms').execute();
  },
};
