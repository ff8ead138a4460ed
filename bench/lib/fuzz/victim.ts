/**
 * What is fuzzed, as a process of its own: `node victim.ts <name>`. Says where it listens, then every turn that took more CPU than it may, and every
 * fault of ours that it caught; an uncaught error ends it. The edge's main process tells of its workers, too.
 */
import { measureTurns } from './turns.ts';
import { starters, type VictimName } from './victims.ts';

export type Said =
  | { readonly say: 'ready'; readonly at: Readonly<Record<string, string | number>> }
  | { readonly say: 'turn'; readonly cpuMs: number; readonly isTooLong: boolean }
  | { readonly say: 'bug' | 'crash'; readonly text: string }
  | { readonly say: 'done'; readonly id: number; readonly result: string };

const say = (said: Said): void => void process.send?.(said);
const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    process.send?.({ say: 'crash', text: textOf(error) } satisfies Said, () => process.exit(70));
  });
process.on('disconnect', () => process.exit(0));

const victim = await starters[process.argv[2] as VictimName](
  (error) => say({ say: 'bug', text: textOf(error) }),
  (text) => say({ say: 'crash', text }),
  (turn) => say({ say: 'turn', ...turn }),
);
process.on('message', ({ id, ask }: { id: number; ask: unknown }) => {
  const answer = victim.act?.(ask) ?? Promise.resolve('');
  answer.then(
    (result) => say({ say: 'done', id, result }),
    (error: unknown) => say({ say: 'bug', text: textOf(error) }),
  );
});
say({ say: 'ready', at: victim.at });

measureTurns((turn) => say({ say: 'turn', ...turn }));
