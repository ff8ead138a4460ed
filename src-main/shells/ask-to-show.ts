import * as z from 'zod';
import type { LinkFile } from './link-file.ts';

const answer = z.object({ token: z.string().optional() });

/**
 * Asks the running program to show itself. A desktop window comes to the front by itself (no token); the web console gives a one-use token
 * for the redirect file. Throws when it does not answer.
 */
export async function askToShow(link: Pick<LinkFile, 'origin' | 'token'>): Promise<string | undefined> {
  const response = await fetch(`${link.origin}/show`, {
    method: 'POST',
    headers: { authorization: `Bearer ${link.token}` },
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`show was answered with ${response.status}`);
  return answer.parse(await response.json()).token;
}
