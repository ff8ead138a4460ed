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

/** What a browser gets when it signs in. The cookie reaches every port of the host, the key (`contract/window-key.ts`) stays with the origin. */
export type SignedIn = { readonly cookie: string; readonly key: string };

export type Sessions = {
  /** A new one-use link token of 256 bits, good for 60 s. */
  readonly newLink: () => string;
  /** Exchanges a link token for a session; undefined when it was used, is old, or was never given. */
  readonly exchange: (token: string) => SignedIn | undefined;
  /** A cookie that we gave. It says which browser asks and may do nothing. */
  readonly isCookie: (cookie: string | undefined) => boolean;
  /** The cookie and the key that were given together. */
  readonly isSession: (cookie: string | undefined, key: string | undefined) => boolean;
  /** The token of `link.json`, for command lines on this computer. */
  readonly isLinkToken: (value: string | undefined) => boolean;
};

/** Sessions by the SHA-256 of their cookie, with the instant of their end and the SHA-256 of their key: what is kept opens nothing by itself. */
export type KeptSessions = Readonly<Record<string, { readonly endsAtMs: number; readonly keyHash: string }>>;

export type SessionOptions = {
  readonly nowMs: () => number;
  readonly linkToken: string;
  /**
   * Exactly `http://127.0.0.1:<port>`. A key holds for the origin that it was given in: where another program took our port, it can read what that origin's
   * storage keeps, and we are elsewhere by then.
   */
  readonly origin: () => string;
  /** Those of an earlier run, so that a window goes on after a restart of the program. */
  readonly kept?: KeptSessions;
  readonly keep?: (sessions: KeptSessions) => void;
};

const hashOf = (...values: readonly string[]): string => createHash('sha256').update(values.join('\n')).digest('hex');

/** Who may speak to the web console. A session ends twelve hours after its sign-in. */
export function createSessions(options: SessionOptions): Sessions {
  const links = new Map<string, number>();
  const sessions = new Map(Object.entries(options.kept ?? {}));
  const random = (): string => randomBytes(32).toString('base64url');
  const forgetOld = (): void => {
    for (const [token, endsAtMs] of links) if (endsAtMs < options.nowMs() || links.size >= mostLinks) links.delete(token);
  };
  const forgetOldSessions = (): void => {
    for (const [hash, { endsAtMs }] of sessions) if (endsAtMs < options.nowMs() || sessions.size >= mostSessions) sessions.delete(hash);
  };
  const find = (cookie: string | undefined) => {
    const session = cookie === undefined ? undefined : sessions.get(hashOf(cookie));
    return session !== undefined && session.endsAtMs > options.nowMs() ? session : undefined;
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
      const [cookie, key] = [random(), random()];
      forgetOldSessions();
      sessions.set(hashOf(cookie), { endsAtMs: options.nowMs() + sessionLifeMs, keyHash: hashOf(options.origin(), key) });
      options.keep?.(Object.fromEntries(sessions));
      return { cookie, key };
    },
    isCookie: (cookie) => find(cookie) !== undefined,
    isSession: (cookie, key) => key !== undefined && same(find(cookie)?.keyHash ?? '', hashOf(options.origin(), key)),
    isLinkToken: (value) => value !== undefined && same(value, options.linkToken),
  };
}
