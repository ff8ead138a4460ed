import { createRouterClient } from '@orpc/server';
import * as z from 'zod';
import { type Language, language } from '#contract/ids.ts';
import type { Core } from '../compose.ts';
import type { Log } from '../ports/request.ts';

/** What a second start on the same home asks of the program that has it open, as the JSON body of `POST /show`. No body: only to be shown. */
export const showRequest = z.object({
  /** The window's language, where the person asked for one. */
  language: language.optional(),
  /** Make a demo farm if there is no farm; what it makes is named in this language. */
  demo: z.object({ language }).optional(),
});
export type ShowRequest = z.infer<typeof showRequest>;

/** `started` and `underWay`: the window shows the steps, and the failure if one comes. `there`: this farm was left as it is. */
const demoAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['started', 'underWay']) }),
  z.object({ state: z.literal('there'), farm: z.string(), isDemo: z.boolean() }),
]);
export type DemoAnswer = z.infer<typeof demoAnswer>;

export const showAnswer = z.object({
  /** A one-use token of the web console; a desktop window comes to the front by itself. */
  token: z.string().optional(),
  demo: demoAnswer.optional(),
});
export type ShowAnswer = z.infer<typeof showAnswer>;

/** A request is a few words; more is not read. */
export const longestShowBytes = 1000;

export type ShowParts = {
  /** Shows the window, in this language if one is named. */
  readonly show: (language: Language | undefined) => { readonly token?: string };
  readonly startDemo: ((language: Language) => Promise<DemoAnswer>) | undefined;
};

/**
 * The answer to `POST /show`, whichever shell was asked; undefined when the body is not understood, and then nothing was done. Without `startDemo` the
 * answer does not speak of a demo farm.
 */
export async function answerShow(body: string, { show, startDemo }: ShowParts): Promise<ShowAnswer | undefined> {
  let asked: ShowRequest = {};
  if (body !== '') {
    try {
      asked = showRequest.parse(JSON.parse(body));
    } catch {
      return undefined;
    }
  }
  // Before the window: it then opens on the steps.
  const demo = asked.demo === undefined || startDemo === undefined ? undefined : await startDemo(asked.demo.language);
  return { ...show(asked.language), ...(demo === undefined ? {} : { demo }) };
}

/**
 * Starts the demo farm of a core that runs without a farm, and does not wait for it: its steps and its failure are the window's to show. A demo farm
 * that stopped half way is taken up again. May be called at any time, and twice.
 */
export function demoStarter({ core, log }: { readonly core: Pick<Core, 'demo' | 'router'>; readonly log: Pick<Log, 'warn'> }) {
  const client = createRouterClient(core.router, { context: { actor: { kind: 'operator', name: 'operator' }, permission: 'own' } });
  return async (wanted: Language): Promise<DemoAnswer> => {
    const { farm } = await client.settings.get();
    const step = core.demo.step();
    if (farm !== undefined && (!farm.isDemo || step === 'ready')) return { state: 'there', farm: farm.name, isDemo: farm.isDemo };
    if (!['none', 'failed', 'removing', 'ready'].includes(step)) return { state: 'underWay' };
    core.demo.start(wanted).catch((error: unknown) => log.warn('demo', { error: String(error) }));
    return { state: 'started' };
  };
}
