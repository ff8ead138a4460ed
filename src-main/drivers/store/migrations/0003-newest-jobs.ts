import type { Migration } from '../migrate.ts';

/** The newest jobs of a state or of a subject, read in their order: without these a farm of 100,000 jobs is sorted for each answer. */
export const newestJobs: Migration = {
  name: '0003-newest-jobs',
  up: async (schema) => {
    await schema.createIndex('jobs_newest').on('jobs').columns(['farm_id', 'id']).execute();
    await schema.createIndex('jobs_state_newest').on('jobs').columns(['farm_id', 'state', 'id']).execute();
    await schema.createIndex('jobs_subject_newest').on('jobs').columns(['farm_id', 'subject_id', 'id']).execute();
    await schema.dropIndex('jobs_state').execute();
    await schema.dropIndex('jobs_subject').execute();
  },
};
