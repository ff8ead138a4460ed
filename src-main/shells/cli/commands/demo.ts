import type { Call, Command } from '../command.ts';
import { exitCodes } from '../failures.ts';

/** Says each step as the program enters it, until the act has ended. */
async function sayingSteps<Result>(call: Pick<Call, 'client' | 'screen' | 't'>, act: Promise<Result>): Promise<Result> {
  const { client, screen, t } = call;
  const over = new AbortController();
  let last = '';
  const watch = async (): Promise<void> => {
    for await (const event of await client.monitoring.watch(undefined, { signal: over.signal })) {
      const states =
        event.kind === 'snapshot' ? [event.mirror.state] : event.patches.flatMap((patch) => (patch.table === 'state' ? [patch.value] : []));
      for (const { demoStep } of states) {
        if (demoStep !== last && demoStep !== 'none') screen.line(t(`shells.demo.${demoStep}`));
        last = demoStep;
      }
    }
  };
  // Progress is a courtesy: when it breaks, the act still tells how it ended.
  const watching = watch().catch(() => undefined);
  try {
    return await act;
  } finally {
    over.abort();
    await watching;
  }
}

const start: Command = {
  kind: 'call',
  area: 'demo',
  verb: 'start',
  summary: 'cli.demo.start',
  run: async (call) => {
    const farm = await sayingSteps(call, call.client.settings.startDemo({ requestKey: call.requestKey, language: call.t.language }));
    return { json: { farm }, lines: [call.t('shells.demo.started', { domain: farm.defaultDomain })] };
  },
};

const remove: Command = {
  kind: 'call',
  area: 'demo',
  verb: 'remove',
  summary: 'cli.demo.remove',
  danger: { question: 'cli.demo.remove.sure' },
  run: async (call) => {
    const answer = await sayingSteps(call, call.client.settings.removeDemo({ requestKey: call.requestKey }));
    if (answer.left.length === 0) return { json: answer, lines: [call.t('cli.demo.removed')] };
    return { json: answer, lines: [call.t('cli.demo.left'), ...answer.left.map((path) => `  ${path}`)], exitCode: exitCodes.failed };
  },
};

export const demoCommands: readonly Command[] = [start, remove];
