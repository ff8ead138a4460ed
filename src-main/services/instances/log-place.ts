import type { AgentLogLine } from '#contract/agent/instances.ts';

const streams = ['out', 'error', 'agent'] as const;
type Stream = (typeof streams)[number];

/** The last lines of one stream that were told: their hashes, the newest last, and when the newest was written. */
type Mark = { readonly hashes: readonly string[]; readonly atMs: number };

/** How far a reader has come: its last line of the audit log, and a mark in each stream that the agent keeps. */
export type LogPlace = { readonly auditId: string; readonly marks: Readonly<Record<Stream, Mark>> };

const nothing: Mark = { hashes: [], atMs: 0 };
export const beginning: LogPlace = { auditId: '', marks: { out: nothing, error: nothing, agent: nothing } };

/** Lines that are compared to find a place again. More would not help where a program repeats itself. */
const markLines = 3;

/** FNV-1a, 32 bits: short, and nobody gains by a collision. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(36);
}

/** Where a stream's lines go on after a mark: the place that looks the same and is nearest in time; 0 when the log no longer holds it. */
function afterMark(lines: readonly AgentLogLine[], { hashes, atMs }: Mark): number {
  if (hashes.length === 0) return 0;
  const all = lines.map(({ text }) => hashOf(text));
  let best: { readonly next: number; readonly awayMs: number } | undefined;
  for (let next = all.length; next > 0; next -= 1) {
    const isSame = hashes.every((hash, index) => all[next - hashes.length + index] === hash);
    const awayMs = Math.abs((lines[next - 1]?.atMs ?? 0) - atMs);
    if (isSame && (best === undefined || awayMs < best.awayMs)) best = { next, awayMs };
  }
  return best?.next ?? 0;
}

function moved(mark: Mark, lines: readonly AgentLogLine[]): Mark {
  const last = lines.at(-1);
  if (last === undefined) return mark;
  const hashes = [...mark.hashes, ...lines.slice(-markLines).map(({ text }) => hashOf(text))].slice(-markLines);
  return { hashes, atMs: Math.round(last.atMs) };
}

export const ofStream = (lines: readonly AgentLogLine[], stream: Stream): readonly AgentLogLine[] =>
  lines.filter((line) => line.stream === stream);

/** The end of a log without what was told before. An agent gives its lines no numbers, so they are found again by what they say. */
export function newSince(place: LogPlace, tail: readonly AgentLogLine[]): readonly AgentLogLine[] {
  const fresh = new Set(
    streams.flatMap((stream) => {
      const lines = ofStream(tail, stream);
      return lines.slice(afterMark(lines, place.marks[stream]));
    }),
  );
  return tail.filter((line) => fresh.has(line));
}

export function placeAfter(place: LogPlace, lines: readonly AgentLogLine[]): LogPlace {
  const at = (stream: Stream): Mark => moved(place.marks[stream], ofStream(lines, stream));
  return { ...place, marks: { out: at('out'), error: at('error'), agent: at('agent') } };
}

/** A place as the id of an event. */
export function placeText({ auditId, marks }: LogPlace): string {
  return [auditId, ...streams.map((stream) => [marks[stream].atMs.toString(36), ...marks[stream].hashes].join('.'))].join('_');
}

/** Undefined for what is no place, e.g. of a later program. */
export function placeOf(text: string | undefined): LogPlace | undefined {
  const [auditId, ...parts] = text?.split('_') ?? [];
  if (auditId === undefined || parts.length !== streams.length) return undefined;
  const [out, error, agent] = parts.map((part): Mark => {
    const [atMs = '', ...hashes] = part.split('.');
    return { atMs: Number.parseInt(atMs, 36) || 0, hashes };
  });
  return out === undefined || error === undefined || agent === undefined ? undefined : { auditId, marks: { out, error, agent } };
}
