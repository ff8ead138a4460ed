import * as z from 'zod';
import { customerId, domainId, instanceId, packageId, planId, type ServerId, serverId } from '#contract/ids.ts';
import type { OutsideChecks } from '../../ports/outside-checks.ts';
import type { OutsideDeps } from '../../checks/outside.ts';
import type { InstanceRef, OnServer } from '../../checks/site.ts';
import type { InstanceEffects } from '../../effects/instance-effects.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { PlanDeps } from './plan-on.ts';

/** What the jobs of this area are made of: effects, and what they look at. */
export type InstanceJobDeps = OutsideDeps &
  PlanDeps & {
    readonly clock: Clock;
    readonly probe: OutsideProbe;
    readonly outsideChecks: OutsideChecks;
    readonly agents: Agents;
    readonly effects: InstanceEffects;
  };

const base = { instanceId, name: z.string(), domainId, packageId, planId };
/** What a create was asked for, beside what stands in the instance's row. `wanted`: the server that a person chose. */
export const createInput = z.object({ ...base, wanted: serverId.optional(), newCustomerId: customerId.optional() });
export type CreateInput = z.infer<typeof createInput>;
/** What a remove needs to know when the row has gone. `wish` (saved jobs have that name): what was desired of the instance before. */
export const removeInput = z.object({ ...base, serverId: serverId.nullable(), wish: z.enum(['made', 'running', 'stopped', 'suspended']) });
export type RemoveInput = z.infer<typeof removeInput>;

/** `wish` (saved jobs have that name): what was desired of it before. */
export const actInput = z.object({ ...base, serverId, wish: z.enum(['running', 'stopped', 'suspended']) });
export type ActInput = z.infer<typeof actInput>;

export const on = (ref: InstanceRef, server: ServerId | null | undefined): OnServer | undefined =>
  server === null || server === undefined ? undefined : { ...ref, serverId: server };
