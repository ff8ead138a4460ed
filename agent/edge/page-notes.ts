import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { type PageNote, pageNote } from '#contract/agent/edge.ts';
import { writeWhole } from './edge-files.ts';

export type PageNotesOptions = {
  /** One JSON document a line. */
  readonly path: string;
  readonly nowMs: () => number;
  readonly most?: number;
  /** The file is shortened above this; nobody adds to it above twice as much. */
  readonly fileBytes?: number;
};

const usualMost = 1000;
const usualFileBytes = 2_000_000;
/** So many are written as they come, in each second; a flood is written at its end, and an edge that is killed meanwhile loses no more. */
const writesASecond = 50;
const longestHost = 253;
const longestCause = 200;
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The notes of a file, oldest first; lines that are none are passed over. A file that cannot be read, or is none of ours by its size, has none. */
export function readPageNotes(path: string, fileBytes = usualFileBytes): PageNote[] {
  try {
    if (statSync(path).size > fileBytes * 3) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return [pageNote.parse(JSON.parse(line))];
        } catch {
          return [];
        }
      });
  } catch {
    return [];
  }
}

/** Notes by their reference, so many at the most: when there is no room, whoever has most gives up its oldest. */
class FairNotes {
  readonly #most: number;
  /** By instance, '' for hosts without one; each from the oldest on. */
  readonly #owners = new Map<string, Map<string, PageNote>>();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  find(reference: string): PageNote | undefined {
    for (const notes of this.#owners.values()) {
      const found = notes.get(reference);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  all(): PageNote[] {
    return [...this.#owners.values()].flatMap((notes) => [...notes.values()]);
  }

  keep(note: PageNote): void {
    const owner = note.instanceId ?? '';
    const own = this.#owners.get(owner);
    if (own?.has(note.reference) === true) return;
    if (this.#count >= this.#most) this.#giveUpFor(own);
    const notes = this.#owners.get(owner) ?? new Map<string, PageNote>();
    this.#owners.set(owner, notes.set(note.reference, note));
    this.#count += 1;
  }

  /** In a flood from one host its own share is looked at, and not each time everybody's. */
  #giveUpFor(own: Map<string, PageNote> | undefined): void {
    let fullest = own;
    if ((own?.size ?? 0) * this.#owners.size < this.#most)
      for (const notes of this.#owners.values()) if (notes.size > (fullest?.size ?? 0)) fullest = notes;
    const [oldest] = fullest?.keys() ?? [];
    if (fullest === undefined || oldest === undefined) return;
    fullest.delete(oldest);
    this.#count -= 1;
    for (const [owner, notes] of this.#owners) if (notes.size === 0) this.#owners.delete(owner);
  }
}

/**
 * The last thousand friendly pages by their reference, in memory and in a file, so that a restart and a hand-over lose none. Pages of hosts that nobody
 * has, which scanners fetch by the thousand, do not wash those of an instance away. The file may have some more. Never throws.
 */
export class PageNotes {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #most: number;
  readonly #fileBytes: number;
  #notes: FairNotes;
  #unwritten: PageNote[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writes = 0;
  #isHandedOver = false;

  constructor({ path, nowMs, most = usualMost, fileBytes = usualFileBytes }: PageNotesOptions) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#most = most;
    this.#fileBytes = fileBytes;
    this.#notes = this.#withFile(new FairNotes(most));
  }

  note(page: Omit<PageNote, 'atMs'>): void {
    const seen = (text: string, longest: number): string => text.slice(0, longest).replace(unseen, '\ufffd');
    const { cause, ...rest } = page;
    const note = {
      ...rest,
      atMs: this.#nowMs(),
      host: seen(page.host, longestHost),
      ...(cause === undefined ? {} : { cause: seen(cause, longestCause) }),
    };
    this.#notes.keep(note);
    this.#unwritten.push(note);
    if (this.#unwritten.length > this.#most) this.#unwritten.shift();
    this.#timer ??= setTimeout(() => this.#nextSecond(), 1000).unref();
    this.#writes += 1;
    if (this.#writes <= writesASecond) this.flush();
  }

  /** What is not known here may stand in the file: an edge that has handed over still answers, and adds to it. */
  find(reference: string): PageNote | undefined {
    return this.#notes.find(reference) ?? readPageNotes(this.#path, this.#fileBytes).find((note) => note.reference === reference);
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    try {
      const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
      if (size > this.#fileBytes && !this.#isHandedOver) {
        this.#notes = this.#withFile(new FairNotes(this.#most), this.#notes.all());
        writeWhole(this.#path, textOf(this.#notes.all().sort(byTime)));
      } else if (size <= this.#fileBytes * 2) {
        appendFileSync(this.#path, textOf(this.#unwritten), { mode: 0o600 });
      }
      this.#unwritten = [];
    } catch {
      // A full disk: they are kept in memory, and tried again with the next.
    }
  }

  /** The file is the next edge's now: this one only adds to it. */
  handOver(): void {
    this.flush();
    this.#isHandedOver = true;
  }

  #nextSecond(): void {
    this.#timer = undefined;
    this.#writes = 0;
    this.flush();
  }

  #withFile(notes: FairNotes, known: readonly PageNote[] = []): FairNotes {
    for (const note of [...readPageNotes(this.#path, this.#fileBytes), ...known].sort(byTime)) notes.keep(note);
    return notes;
  }
}

const byTime = (one: PageNote, other: PageNote): number => one.atMs - other.atMs;
const textOf = (notes: readonly PageNote[]): string => notes.map((note) => `${JSON.stringify(note)}\n`).join('');
