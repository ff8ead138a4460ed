import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const linkLifeMs = 60_000;
const mostLinks = 20;
const sessionLifeMs = 12 * 3_600_000;
const mostSessions = 100;

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

/** Sessions by the SHA-256 of their cookie, with the instant of their end: what is kept opens nothing by itself. */
export type KeptSessions = Readonly<Record<string, number>>;

export type SessionOptions = {
  readonly nowMs: () => number;
  readonly linkToken: string;
  /** Those of an earlier run, so that a window goes on after a restart of the program. */
  readonly kept?: KeptSessions;
  readonly keep?: (sessions: KeptSessions) => void;
};

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex');

/** Who may speak to the web console. A session ends twelve hours after its sign-in. */
export function createSessions(options: SessionOptions): Sessions {
  const links = new Map<string, number>();
  const sessions = new Map<string, number>(Object.entries(options.kept ?? {}));
  const random = (): string => randomBytes(32).toString('base64url');
  const forgetOld = (): void => {
    for (const [token, endsAtMs] of links) if (endsAtMs < options.nowMs() || links.size >= mostLinks) links.delete(token);
  };
  const forgetOldSessions = (): void => {
    for (const [hash, endsAtMs] of sessions) if (endsAtMs < options.nowMs() || sessions.size >= mostSessions) sessions.delete(hash);
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
      forgetOldSessions();
      sessions.set(hashOf(session), options.nowMs() + sessionLifeMs);
      options.keep?.(Object.fromEntries(sessions));
      return session;
    },
    isSession: (value) => value !== undefined && (sessions.get(hashOf(value)) ?? 0) > options.nowMs(),
    isLinkToken: (value) => value !== undefined && same(value, options.linkToken),
  };
}
