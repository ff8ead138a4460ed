import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { command } from './base.ts';

/** What both sides say first. The agent refuses an epoch lower than the highest it has seen (`CORE_EPOCH_OLD`). */
export const link = {
  hello: command
    .input(
      z.object({
        farmId: z.string(),
        serverId: z.string(),
        epoch: z.number().int(),
        coreVersion: z.string(),
        protocol: z.number().int(),
        nowMs: z.number(),
      }),
    )
    .output(
      z.object({
        serverId: z.string(),
        agentVersion: z.string(),
        protocol: z.number().int(),
        commands: z.array(z.string()),
        /** Changes with every start of the agent. */
        bootId: z.string(),
        nowMs: z.number(),
      }),
    ),
  /** One beat every `intervalMs`; a beat that is missed three times means that the link is dead. */
  beats: command.input(z.object({ intervalMs: z.number().int().min(200) })).output(eventIterator(z.object({ nowMs: z.number() }))),
  /** Forgets the farm: ends every instance of it, its edge and its identity. For taking a server out. */
  leave: command.input(z.object({ farmId: z.string() })).output(z.object({ left: z.array(z.string()) })),
};
