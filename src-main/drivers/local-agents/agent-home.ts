import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { edgeHealth } from '#contract/agent/edge.ts';
import type { ProcessIdentity } from './process-table.ts';

/** What an agent tells in its home (`agent.json`, `agent-lock.<n>.json`, `pairing-code.json`). More fields may follow. */
const identity = z.object({ processId: z.number().int().positive(), startMark: z.string() });
const address = identity.extend({
  linkPort: z.number().int(),
  httpsPort: z.number().int(),
  httpPort: z.number().int(),
  // Agents of the first days do not tell it.
  edge: edgeHealth.optional(),
});
const code = z.object({ code: z.string().min(1), expiresAtMs: z.number() });

async function readJson<Value>(path: string, shape: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    const parsed = shape.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not there, or not whole: the agent writes it again.
    return undefined;
  }
}

export const readAddress = (home: string): Promise<z.infer<typeof address> | undefined> => readJson(join(home, 'agent.json'), address);
/** Whoever holds the home, or held it and died: numbers rise, and agents of the first version had one file without. A free lock names nobody. */
export async function readLocks(home: string): Promise<ProcessIdentity[]> {
  const names = (await readdir(home).catch(() => [])).filter((name) => /^agent(-lock\.\d+\.json|\.lock)$/.test(name));
  return (await Promise.all(names.map((name) => readJson(join(home, name), identity)))).filter((found) => found !== undefined);
}
export const readCode = (home: string): Promise<z.infer<typeof code> | undefined> => readJson(join(home, 'pairing-code.json'), code);

/** How the agent of a home marks what it runs: the same for the home's whole life. */
export function agentKeyOf(home: string): string {
  return createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16);
}

/** Marks of everything that belongs to a home: its instances, its edge, and the agent where we started it. */
export function marksOf(home: string): { readonly agent: string; readonly all: readonly string[] } {
  const key = agentKeyOf(home);
  return { agent: `agent-${key}:agent`, all: [`agent-${key}:`, `edge-${key}:`, `${key}:`] };
}
