import { FarmError } from '#contract/errors.ts';
import type { Actor, Permission, RequestKey } from '#contract/ids.ts';

/** Who asks, under which key, with which right. Every write is done *by* someone. */
export type By = { readonly actor: Actor; readonly permission: Permission; readonly requestKey: RequestKey };

export const systemBy = (requestKey: string): By => ({ actor: { kind: 'system' }, permission: 'own', requestKey });

const rank: Record<Permission, number> = { look: 0, operate: 1, own: 2 };
export function mayDo(has: Permission, needs: Permission): boolean {
  return rank[has] >= rank[needs];
}

/** Throws `PERMISSION_MISSING` naming what would be needed. */
export function demand(has: Permission, needs: Permission): void {
  if (!mayDo(has, needs)) throw new FarmError('PERMISSION_MISSING', { needed: needs });
}

/** A short stable text of an actor, for keys of acts. */
export function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case 'operator':
    case 'token':
      return `${actor.kind}:${actor.name}`;
    case 'agent':
      return `agent:${actor.serverId}`;
    case 'system':
      return 'system';
  }
}
