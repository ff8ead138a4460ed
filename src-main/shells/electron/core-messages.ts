import * as z from 'zod';
import { failure } from '#contract/errors.ts';
import { language } from '#contract/ids.ts';
import type { DesktopPlaces } from './desktop-places.ts';

/**
 * What the main process and the process of the core say to each other. The windows' own calls never pass here: each window has a port that leads
 * straight to the core, so that nothing the core does can hold the window.
 */
/** Both ends are built from one source, so that only the kind of message is checked, not every path in it. */
const places = z.custom<DesktopPlaces>((value) => typeof value === 'object' && value !== null);

const opening = z.object({
  home: z.string(),
  version: z.string(),
  operatorName: z.string(),
  isDemo: z.boolean(),
  language,
  places,
});
export type Opening = z.infer<typeof opening>;

/** A port travels beside `window`; one page has one, and a newer one closes it. Number 0 is the main process itself. */
export const toCore = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), opening }),
  z.object({ kind: z.literal('window'), windowId: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('demo'), language }),
  z.object({ kind: z.literal('keychain'), request: z.number().int(), answer: z.string().optional() }),
  z.object({ kind: z.literal('close') }),
]);
export type ToCore = z.infer<typeof toCore>;

const keychainAct = z.enum(['availability', 'encrypt', 'decrypt']);
export type KeychainAct = z.infer<typeof keychainAct>;

export const fromCore = z.discriminatedUnion('kind', [
  /** The program of the core runs and listens. */
  z.object({ kind: z.literal('alive') }),
  /** No other program has the home: a window may be shown. */
  z.object({ kind: z.literal('taken') }),
  z.object({ kind: z.literal('opened') }),
  /** `detail` goes to the log file only. Everything was let go. */
  z.object({ kind: z.literal('failed'), failure, detail: z.string().optional() }),
  z.object({ kind: z.literal('keychain'), request: z.number().int(), act: keychainAct, text: z.string().optional() }),
  /** A command line or a second start asks for the window. */
  z.object({ kind: z.literal('show'), language: language.optional() }),
  z.object({ kind: z.literal('closed') }),
]);
export type FromCore = z.infer<typeof fromCore>;
