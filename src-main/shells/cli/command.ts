import type { ContractRouterClient } from '@orpc/contract';
import type { Api } from '#contract/api/index.ts';
import type { Translate, WordKey } from '#words/translate.ts';
import type { LinkFile } from '../link-file.ts';
import type { Screen } from './screen.ts';

export type CoreClient = ContractRouterClient<Api>;

export type OptionSpec = {
  readonly type: 'string' | 'boolean';
  /** A function where it is put together of words. */
  readonly summary: WordKey | ((t: Translate) => string);
  /** What stands for the value in the help, e.g. `NAME`. */
  readonly value?: string;
  readonly isMany?: boolean;
  readonly isNeeded?: boolean;
};

export type ArgumentSpec = { readonly name: string; readonly isOptional?: boolean };

/** What was typed, checked against the command's own table. Asking for what the table does not hold is a bug. */
export type Typed = {
  readonly argument: (name: string) => string;
  readonly optionalArgument: (name: string) => string | undefined;
  readonly text: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly has: (name: string) => boolean;
};

export type Call = {
  readonly typed: Typed;
  readonly client: CoreClient;
  readonly home: string;
  readonly link: LinkFile;
  /** Random for every invocation, or what `--request-key` gave. */
  readonly requestKey: string;
  readonly screen: Screen;
  readonly t: Translate;
  /** Ends when the person presses Ctrl-C. */
  readonly signal: AbortSignal;
  readonly readInput: () => Promise<string>;
};

/** What a command answers: the one JSON document, or the lines for a person. */
export type Answer = { readonly json: unknown; readonly lines: readonly string[]; readonly exitCode?: number };

type Shared = {
  /** `farm <area> <verb>`; the verb is empty where the area is the whole command. */
  readonly area: string;
  readonly verb: string;
  readonly summary: WordKey;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
};

/** Takes something away: `--yes`, or a question on a terminal. The sentence names what `argument` holds as `name`. */
export type Danger = { readonly question: WordKey; readonly argument?: string };

export type Command =
  | (Shared & { readonly kind: 'call'; readonly danger?: Danger; readonly run: (call: Call) => Promise<Answer> })
  /** Also without a running program: it finds one itself. */
  | (Shared & {
      readonly kind: 'search';
      readonly run: (call: Omit<Call, 'client' | 'link' | 'home'>, homes: readonly string[]) => Promise<Answer>;
    });
