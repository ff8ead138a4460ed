import { createHash, randomBytes } from 'node:crypto';
import { base32crockford } from '@scure/base';
import { pageWords } from '#words/page-words.ts';
import { type EdgeRoute, edgePages } from '#contract/agent/edge.ts';
import type { Language } from '#contract/ids.ts';
import { pageStyle } from './page-style.ts';

/**
 * `unreadable`: the application's answer is none. `busy`: too many want it. `failed`: a fault of ours. None of them says that the application
 * does not answer.
 */
export type PageKind = 'starting' | 'suspended' | 'broken' | 'slow' | 'unreadable' | 'busy' | 'failed' | 'unknown';

export type FriendlyPage = {
  readonly status: number;
  /** Name, value, name, value … */
  readonly headers: string[];
  readonly body: Buffer;
  readonly reference: string;
};

const answers: Record<PageKind, { readonly status: number; readonly retryAfterSeconds?: number }> = {
  ...edgePages,
  slow: { status: 504 },
  unreadable: { status: 502 },
  busy: { status: 503, retryAfterSeconds: 5 },
  failed: { status: 500 },
  unknown: { status: 404 },
};
const styleHash = createHash('sha256').update(pageStyle).digest('base64');
/** Nothing but our own style may run on the page, whatever ends up in its text. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text from outside: no markup, no control characters, nothing that turns the direction of writing. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g, '')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Crockford's letters: read aloud without mistakes. */
function makeReference(): string {
  const text = base32crockford.encode(randomBytes(5));
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Russian when the browser prefers it: for addresses that have no route, and so no language of their own. */
function languageOf(acceptLanguage: string | undefined): Language {
  return acceptLanguage !== undefined && /^\s*ru\b/i.test(acceptLanguage) ? 'ru' : 'en';
}

function wantsJsonOnly(accept: string | undefined): boolean {
  return accept !== undefined && /\bapplication\/(?:[\w.-]+\+)?json\b/i.test(accept) && !/text\/html/i.test(accept);
}

export type PageAsker = { readonly accept: string | undefined; readonly acceptLanguage: string | undefined };

/** The page that stands in an application's place. `status` replaces the usual one (421 on HTTP/2). */
export function makeFriendlyPage(kind: PageKind, route: EdgeRoute | undefined, asker: PageAsker, status?: number): FriendlyPage {
  const language = route?.language ?? languageOf(asker.acceptLanguage);
  const say = pageWords[language];
  const reference = makeReference();
  const title = say(`edge.${kind}.title`);
  const text = say(`edge.${kind}.text`);
  const provider = route === undefined || route.providerName === '' ? '' : say('edge.page.provider', { provider: route.providerName });
  const isJson = wantsJsonOnly(asker.accept);
  const body = Buffer.from(
    isJson
      ? `${JSON.stringify({ error: kind, title, message: text, reference, ...(provider === '' ? {} : { provider: route?.providerName }) })}\n`
      : html({ language, kind, title, text, provider, reference: say('edge.page.reference', { reference }), help: say('edge.page.help') }),
  );
  const { status: usual, retryAfterSeconds: retryAfter } = answers[kind];
  const headers = [
    'content-type',
    isJson ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8',
    'content-length',
    String(body.length),
    'content-language',
    language,
    'cache-control',
    'no-store',
    'vary',
    'accept, accept-language',
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'no-referrer',
    'content-security-policy',
    policy,
  ];
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  return { status: status ?? usual, headers, body, reference };
}

type Words = Readonly<Record<'language' | 'kind' | 'title' | 'text' | 'provider' | 'reference' | 'help', string>>;

function html(words: Words): string {
  const refresh = words.kind === 'starting' ? '<meta http-equiv="refresh" content="2">\n' : '';
  return `<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
${refresh}<title>${escaped(words.title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main class="${words.kind}">
<p class="mark" aria-hidden="true"></p>
<h1>${escaped(words.title)}</h1>
<p class="lead">${escaped(words.text)}</p>
<footer>
${words.provider === '' ? '' : `<p class="provider">${escaped(words.provider)}</p>\n`}<p class="reference">${escaped(words.reference)}</p>
<p>${escaped(words.help)}</p>
</footer>
</main>
</body>
</html>
`;
}
