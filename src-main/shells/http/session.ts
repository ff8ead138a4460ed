import { randomBytes, timingSafeEqual } from 'node:crypto';

const linkLifeMs = 60_000;
const mostLinks = 20;

/** Browsers share the cookies of a host between its ports: with the port in its name a demo farm beside a farm signs nobody out. */
export const cookieNameOf = (origin: string): string => `farm_session_${new URL(origin).port || '80'}`;

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export type Sessions = {
  /** A new one-use link token of 256 bits, good for 60 s. */
  readonly newLink: () => string;
  /** Exchanges a link token for a session; undefined when it was used, is old, or was never given. */
  readonly exchange: (token: string) => string | undefined;
  readonly isSession: (value: string | undefined) => boolean;
  /** The token of `link.json`, for command lines on this computer. */
  readonly isLinkToken: (value: string | undefined) => boolean;
};

/** Who may speak to the web console. Sessions live as long as this process. */
export function createSessions(options: { readonly nowMs: () => number; readonly linkToken: string }): Sessions {
  const links = new Map<string, number>();
  const sessions = new Set<string>();
  const random = (): string => randomBytes(32).toString('base64url');
  const forgetOld = (): void => {
    for (const [token, endsAtMs] of links) if (endsAtMs < options.nowMs() || links.size >= mostLinks) links.delete(token);
  };
  return {
    newLink: () => {
      forgetOld();
      const token = random();
      links.set(token, options.nowMs() + linkLifeMs);
      return token;
    },
    exchange: (token) => {
      const endsAtMs = links.get(token);
      links.delete(token);
      if (endsAtMs === undefined || endsAtMs < options.nowMs()) return undefined;
      const session = random();
      sessions.add(session);
      return session;
    },
    isSession: (value) => value !== undefined && sessions.has(value),
    isLinkToken: (value) => value !== undefined && same(value, options.linkToken),
  };
}
