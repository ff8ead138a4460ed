import { runCli } from '../shells/cli/run-cli.ts';

export type RanFarm = { readonly code: number; readonly out: string; readonly error: string; readonly json: () => Record<string, unknown> };
export type FarmTerminal = {
  readonly home: string;
  readonly isTerminal?: boolean;
  /** Of a question on the terminal; absent: nobody is there to answer. */
  readonly answer?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is piped in. */
  readonly input?: () => Promise<string>;
};

/** One invocation of the command line, with a terminal that keeps what it was sent. */
export async function runFarm(words: readonly string[], terminal: FarmTerminal): Promise<RanFarm> {
  const { home, isTerminal = false, answer, environment = {}, input = async () => '' } = terminal;
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCli({
    words,
    out: { write: (text) => void out.push(text), isTerminal, width: 100 },
    error: { write: (text) => void error.push(text), isTerminal, width: 100 },
    environment: { LANG: 'en_US.UTF-8', FARM_HOME: home, ...environment },
    signal: new AbortController().signal,
    readInput: input,
    ...(answer === undefined ? {} : { ask: async () => answer }),
  });
  return { code, out: out.join(''), error: error.join(''), json: () => JSON.parse(out.join('')) as Record<string, unknown> };
}
