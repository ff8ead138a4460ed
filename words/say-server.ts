import type { ServerView } from '#contract/api/servers.ts';
import type { Translate } from './translate.ts';

export type ServerCure = { readonly title: string; readonly says: string };

/** Every argument that a sentence may have; a core that leaves one out must not cost the sentence. */
const absent = { problem: 'silent', port: 0, owner: 'unknown', cause: '', edge: 'unknown' };

/** What is wrong with a server and what helps; undefined while nothing is. Nothing is escaped here. */
export function sayServerCure(t: Translate, server: ServerView): ServerCure | undefined {
  const { code, mark, parameters } = server.condition;
  const title = `servers.cure.${code}.title`;
  const says = `servers.cure.${code}.says`;
  if (mark === 'good' || !t.has(title) || !t.has(says)) return undefined;
  // The address of the agent, unless the condition speaks of another.
  const all = { ...absent, ...parameters, name: server.name, address: parameters['address'] || server.address };
  return { title: t.say(title, all), says: t.say(says, all) };
}
