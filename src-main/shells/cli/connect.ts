import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import { FarmError } from '#contract/errors.ts';
import { type LinkFile, readLinkFile } from '../link-file.ts';
import type { CoreClient } from './command.ts';

export type Found = { readonly home: string; readonly link: LinkFile };

/** The running program among the homes, the first that runs. Throws `NO_PROGRAM_RUNNING` naming the first home. */
export async function findProgram(homes: readonly string[]): Promise<Found> {
  for (const home of homes) {
    const link = await readLinkFile(home);
    if (link !== undefined) return { home, link };
  }
  throw new FarmError('NO_PROGRAM_RUNNING', { path: homes[0] ?? '' });
}

/** The contract's calls over the program's own listener. */
export function connect(link: LinkFile): CoreClient {
  const rpc = new RPCLink({ url: `${link.origin}/rpc`, headers: { authorization: `Bearer ${link.token}` } });
  return createORPCClient(rpc);
}
