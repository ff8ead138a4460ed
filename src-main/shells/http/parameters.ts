import { parseArgs } from 'node:util';
import { type Language, language as languageOf } from '#contract/ids.ts';
import { chooseLanguage } from '../speech.ts';
import type { Environment } from '../choose-desktop.ts';

export type Parameters =
  | { readonly kind: 'help'; readonly language: Language }
  | { readonly kind: 'wrong'; readonly language: Language; readonly option: string }
  | {
      readonly kind: 'start';
      readonly language: Language;
      /** Whether the person named the language: then the window speaks it too. */
      readonly isLanguageAsked: boolean;
      readonly home: string | undefined;
      readonly isDemo: boolean;
      /** Only this port, or (absent) the first free one from the usual. */
      readonly port: number | undefined;
      readonly mayOpen: boolean;
    };

/** What `npm start -- …` was told. */
export function readParameters(words: readonly string[], environment: Environment): Parameters {
  const options = {
    home: { type: 'string' },
    demo: { type: 'boolean' },
    port: { type: 'string' },
    'no-open': { type: 'boolean' },
    language: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true });
    const asked = languageOf.safeParse(values.language);
    const language = chooseLanguage(asked.data, environment);
    if (values.language !== undefined && !asked.success) return { kind: 'wrong', language, option: '--language' };
    if (values.help === true) return { kind: 'help', language };
    const port = values.port === undefined ? undefined : Number(values.port);
    if (values.port !== undefined && (!/^\d{1,5}$/.test(values.port) || Number(port) > 65_535))
      return { kind: 'wrong', language, option: '--port' };
    return {
      kind: 'start',
      language,
      isLanguageAsked: asked.success,
      home: values.home,
      isDemo: values.demo === true,
      port,
      mayOpen: values['no-open'] !== true,
    };
  } catch (error) {
    const option = /'(?:-\w, )?(--?[\w-]+)|'([^']+)'/.exec(error instanceof Error ? error.message : '');
    return { kind: 'wrong', language: chooseLanguage(undefined, environment), option: option?.[1] ?? option?.[2] ?? '' };
  }
}
