import { join } from 'node:path';
import { pageNote } from '#contract/agent/edge.ts';
import { findLogged } from '#kit/node/find-logged.ts';
import type { AgentFolders, EdgeControl, FindReference } from './ports.ts';

type Needs = { readonly edge: Pick<EdgeControl, 'findPage'>; readonly folders: Pick<AgentFolders, 'home' | 'logs'> };

/**
 * What a reference leads to on this server: the page that showed it, and the line of the log. An edge of earlier days has left the line alone, and the page
 * is read from it. Throws when a log cannot be read and the page is not known either.
 */
export function createFindReference({ edge, folders }: Needs): FindReference {
  const paths = [join(folders.home, 'edge', 'edge.log'), join(folders.logs, 'agent.log')];
  return async (reference) => {
    const page = await edge.findPage(reference);
    const logged = await findLogged(paths, reference).catch((error: unknown) => {
      if (page === undefined) throw error;
      return undefined;
    });
    const isPage = logged?.fields['event'] === 'page';
    const known = page ?? (isPage ? pageNote.safeParse({ ...logged.fields, atMs: logged.atMs }).data : undefined);
    return {
      ...(known === undefined ? {} : { page: known }),
      ...(logged === undefined ? {} : { logged: { log: logged.log, atMs: logged.atMs, line: logged.line } }),
    };
  };
}
