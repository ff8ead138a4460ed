import { isFarmError } from '#contract/errors.ts';
import type { AgentLog, EdgeControl } from '../ports.ts';
import type { EdgePaths } from './edge-files.ts';
import { readPageNotes } from './page-notes.ts';
import type { PipeClient } from './pipe-client.ts';

const askMs = 1000;

type Options = {
  /** The pipe of the edge that runs now, where there is one: a question starts no edge. */
  readonly pipe: () => PipeClient | undefined;
  readonly paths: EdgePaths;
  readonly log: AgentLog;
};

/** The agent's half of finding a friendly page: the edge that runs is asked, if it knows the word; one that is gone has left its file. */
export function createEdgeFind({ pipe, paths, log }: Options): Pick<EdgeControl, 'findPage'> {
  return {
    findPage: async (reference) => {
      const client = pipe();
      if (client?.edge.knows?.includes('find') === true) {
        try {
          return (await client.ask({ act: 'find', reference }, askMs)).page;
        } catch (error) {
          log.warn('edge-find-unheard', { cause: isFarmError(error, 'SERVER_UNREACHABLE') ? error.parameters.cause : String(error) });
        }
      }
      return readPageNotes(paths.pages).find((note) => note.reference === reference);
    },
  };
}
