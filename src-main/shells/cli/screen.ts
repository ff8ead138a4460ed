import { toAnsi, withoutInks } from './style.ts';
import { shown } from '../untrusted.ts';
import { widthOf } from './columns.ts';

export type Terminal = {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly width: number;
};

export type Screen = {
  readonly isJson: boolean;
  /** A line of the answer, on standard output. Nothing when the answer is JSON. */
  readonly line: (text: string) => void;
  /** Lines that replace the ones before while work goes on. Only where there is a terminal and the answer is not JSON. */
  readonly live: (lines: readonly string[]) => void;
  /** Ends the live part; `keep` leaves its last lines standing. */
  readonly settle: (keep: boolean) => void;
  readonly isLive: boolean;
  /** A line beside the answer, on standard error. */
  readonly note: (text: string) => void;
};

function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let kept = '';
  for (const character of line) {
    if (widthOf(kept + character) >= width) break;
    kept += character;
  }
  return `${kept}…\ue000`;
}

/** Everything that is printed passes here: escaped, and coloured only for a terminal that wants it. */
export function createScreen(options: {
  readonly out: Terminal;
  readonly error: Terminal;
  readonly isJson: boolean;
  readonly hasColour: boolean;
}): Screen {
  const { out, error, isJson } = options;
  const dress = (terminal: Terminal, text: string): string =>
    terminal.isTerminal && options.hasColour ? toAnsi(shown(text)) : withoutInks(shown(text));
  const isLive = out.isTerminal && !isJson;
  let standing = 0;
  const wipe = (): void => {
    if (standing > 0) out.write(`\u001b[${standing}A\u001b[0J`);
    standing = 0;
  };
  return {
    isJson,
    isLive,
    line: (text) => {
      if (!isJson) out.write(`${dress(out, text)}\n`);
    },
    live: (lines) => {
      if (!isLive) return;
      wipe();
      for (const line of lines) out.write(`${dress(out, cut(line, out.width))}\n`);
      standing = lines.length;
    },
    settle: (keep) => {
      if (!keep) wipe();
      standing = 0;
    },
    note: (text) => error.write(`${dress(error, text)}\n`),
  };
}
