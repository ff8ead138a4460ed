import type { ServerView } from '#contract/api/servers.ts';
import type { Translate } from '#words/translate.ts';
import { type CodeForm, isAddress } from './code-form.ts';

export type AddServerDraft = { readonly address: string; readonly name: string };
type Says = { readonly text: string; readonly state?: 'bad' | 'good' | 'warning' };

/** What was kept of this form, perhaps by another version. */
export function checkDraft(kept: unknown): AddServerDraft {
  const { address, name } = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  return { address: typeof address === 'string' ? address : '', name: typeof name === 'string' ? name : '' };
}

const bare = (address: string): string =>
  address
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

function joinedAt(address: string, servers: readonly ServerView[], defaultPort: number): ServerView | undefined {
  const wanted = bare(address);
  return servers.find((server) => server.address === wanted || server.address === `${wanted}:${defaultPort}`);
}

/** The line under the address, as it is typed. */
export function addressSays(words: Translate, address: string, servers: readonly ServerView[], defaultPort: number): Says {
  if (address.trim() === '') return { text: words('servers.add.address.hint', { port: String(defaultPort) }) };
  const joined = joinedAt(address, servers, defaultPort);
  if (joined !== undefined) return { state: 'bad', text: words('servers.add.address.taken', { name: joined.name }) };
  if (!isAddress(address)) return { state: 'bad', text: words('servers.add.address.bad') };
  return { text: words('servers.add.address.hint', { port: String(defaultPort) }) };
}

/** The line under the code. A code that is merely not whole yet is no error while it is typed. */
export function codeSays(words: Translate, form: CodeForm): Says {
  if (form.kind === 'empty') return { text: words('servers.add.code.hint') };
  if (form.kind === 'short') return { text: words('servers.add.code.missing', { missing: form.missing }) };
  if (form.kind === 'long') return { state: 'bad', text: words('servers.add.code.tooMany', { extra: form.extra }) };
  if (form.kind === 'wrong') return { state: 'bad', text: words('servers.add.code.wrong', { character: form.character }) };
  return { state: 'good', text: words('servers.add.code.whole') };
}

/** Why the button is off; undefined when it is on. */
export function whyOff(words: Translate, draft: AddServerDraft, form: CodeForm, servers: readonly ServerView[]): string | undefined {
  if (!isAddress(draft.address)) return words('servers.add.confirm.address');
  if (form.kind !== 'whole') return words('servers.add.confirm.code');
  const name = draft.name.trim().toLowerCase();
  return servers.some((server) => server.name.toLowerCase() === name) ? words('servers.add.confirm.name') : undefined;
}
