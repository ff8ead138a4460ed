import type { ReferenceAnswer } from '#contract/api/monitoring.ts';
import { referenceMeant } from '#contract/reference.ts';
import type { Translate } from '#words/translate.ts';
import { goTo, paths } from '../lib/go-to.ts';
import { sayCode } from '../lib/say-job.ts';
import { useQuery } from '../lib/use-query.ts';
import { useWords } from '../lib/use-words.ts';
import type { PaletteItem } from '../ui/palette.tsx';

const FRESH_MS = 30_000;

/** What is typed as a reference is, and no name that happens to have eight letters: all servers are asked for it. */
export function typedReference(query: string): string | undefined {
  return /[0-9-]/.test(query) ? referenceMeant(query) : undefined;
}

/** Where a reference leads: to the page of its instance, of its job, else of its server. */
export function referenceItems(words: Translate, { reference, found }: ReferenceAnswer): readonly PaletteItem[] {
  return found.flatMap(({ page, instance, server, jobId }, at): PaletteItem[] => {
    const path =
      instance?.name !== undefined
        ? paths.instance(instance.name)
        : jobId !== undefined
          ? paths.job(jobId)
          : server === undefined
            ? undefined
            : paths.server(server.name);
    if (path === undefined) return [];
    const where = instance?.name ?? page?.host ?? server?.name;
    const kind = page === undefined ? undefined : sayCode(words, `edge.${page.kind}.title`);
    return [
      {
        id: `reference-${at}`,
        icon: page === undefined ? 'list-checks' : 'layers',
        text: [reference, where].filter((part) => part !== undefined).join(' – '),
        note: kind ?? words('common.palette.reference'),
        onRun: () => goTo(path),
      },
    ];
  });
}

/** The same, asked of the core as soon as a whole reference is typed; nothing for who may not see logs. */
export function useReferenceItems(query: string): readonly PaletteItem[] {
  const words = useWords();
  const reference = typedReference(query.trim());
  const { data } = useQuery(
    reference === undefined ? undefined : `monitoring.find.${reference}`,
    (core, options) => core.monitoring.find({ reference: reference ?? '' }, options),
    { freshMs: FRESH_MS },
  );
  return reference === undefined || data === undefined ? [] : referenceItems(words, data);
}
