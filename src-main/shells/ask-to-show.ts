import type { Language } from '#contract/ids.ts';
import { type DemoAnswer, type ShowAnswer, type ShowRequest, showAnswer } from './answer-show.ts';
import type { LinkFile } from './link-file.ts';

type Link = Pick<LinkFile, 'origin' | 'token'>;

async function ask(link: Link, asked: ShowRequest | undefined): Promise<ShowAnswer> {
  const response = await fetch(`${link.origin}/show`, {
    method: 'POST',
    headers: { authorization: `Bearer ${link.token}`, ...(asked === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(asked === undefined ? {} : { body: JSON.stringify(asked) }),
    signal: AbortSignal.timeout(5000),
  });
  // A program that was started before an update may take no body; it can still be shown.
  if (response.status === 415 && asked !== undefined) return ask(link, undefined);
  if (!response.ok) throw new Error(`show was answered with ${response.status}`);
  return showAnswer.parse(await response.json());
}

/**
 * Asks the running program to show itself, in a language if one is named. A desktop window comes to the front by itself (no token); the web console
 * gives a one-use token for the redirect file. Throws when it does not answer within 5 s. May be called again.
 */
export async function askToShow(link: Link, language?: Language): Promise<string | undefined> {
  return (await ask(link, language === undefined ? undefined : { language })).token;
}

/**
 * The same, and to make a demo farm named in `demoLanguage` if it has no farm. `demo` is undefined when the program that runs does not know how.
 */
export async function askForDemo(
  link: Link,
  demoLanguage: Language,
  language?: Language,
): Promise<{ readonly token: string | undefined; readonly demo: DemoAnswer | undefined }> {
  const { token, demo } = await ask(link, { ...(language === undefined ? {} : { language }), demo: { language: demoLanguage } });
  return { token, demo };
}
