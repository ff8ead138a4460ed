import type { RehearsalRequest } from '#contract/api/jobs.ts';
import type { Answer, Call } from '../command.ts';
import { strong } from '../style.ts';

/** The option of every act that can say what it would change. */
export const dryRun = { type: 'boolean', summary: 'cli.option.dryRun' } as const;

/** What an act would change, by the core's own list, without doing it. */
export async function rehearseAct({ client, t }: Call, act: RehearsalRequest): Promise<Answer> {
  const { changes } = await client.jobs.rehearse({ act, language: t.language });
  const lines = changes.flatMap(({ title, says }) => [`  ${title}`, `    ${says}`]);
  return {
    json: { isRehearsal: true, changes },
    lines: [
      strong(t('wizard.change.title')),
      ...(lines.length === 0 ? [`  ${t('cli.rehearse.none')}`] : lines),
      '',
      t('cli.rehearse.nothingDone'),
    ],
  };
}
