import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { runCli } from './run-cli.ts';
import type { Terminal } from './screen.ts';

const terminal = (stream: NodeJS.WriteStream): Terminal => ({
  write: (written) => stream.write(written),
  isTerminal: stream.isTTY === true,
  get width() {
    return stream.columns || 80;
  },
});

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return lines.question(question).finally(() => lines.close());
}

const ending = new AbortController();
process.once('SIGINT', () => ending.abort());
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
process.exitCode = await runCli({
  words: process.argv.slice(2),
  out: terminal(process.stdout),
  error: terminal(process.stderr),
  environment: process.env,
  signal: ending.signal,
  readInput: () => text(process.stdin),
  ...(canAsk ? { ask } : {}),
});
