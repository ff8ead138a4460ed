import type { EdgeRoute } from '#contract/agent/edge.ts';
import type { CertificateTable } from './certificate-table.ts';
import type { EdgeLog } from './edge-log.ts';
import { type FriendlyPage, type PageAsker, type PageKind, makeFriendlyPage } from './friendly-page.ts';
import type { Holds } from './holds.ts';
import type { PageNotes } from './page-notes.ts';
import type { Pace } from './pace.ts';
import type { RouteTable } from './route-table.ts';
import type { Traffic } from './traffic.ts';
import { Shares } from './upstream/shares.ts';

/** What all parts of one edge process share. */
export type EdgeContext = {
  readonly routes: RouteTable;
  readonly certificates: CertificateTable;
  readonly log: EdgeLog;
  /** What the references on friendly pages lead to. */
  readonly pages: Pick<PageNotes, 'note'>;
  readonly pace: Pace;
  /** Instances whose new requests wait for a moment, and what every instance has under way. */
  readonly holds: Holds;
  readonly traffic: Traffic;
  /** Uploads whose first 64 KiB are held here. */
  readonly uploads: Shares;
  /** Mutable on purpose: counted on every request. */
  readonly counters: { requests: number };
  /** Set once the listening sockets have been handed over: every answer then asks its connection to end. */
  readonly drain: { isOn: boolean };
  readonly httpsPort: () => number;
  /** What this edge answers now when it is asked whether it is itself: see `edge-check.ts`. */
  readonly proof: () => string;
  /** How long the head of a request may take; tests are less patient. */
  readonly headMs?: number;
  /** How many connections each socket may have, and one visitor in all. */
  readonly connections: number;
  readonly connectionsPerVisitor: number;
  /** 48 bytes; without them the tickets of this process are its own. */
  readonly ticketKeys?: Buffer;
};

export const createUploadShares = (places: number, slowAfterMs = 5000): Shares => new Shares(places, slowAfterMs);

/** Makes the page and notes its reference beside the cause, for support staff: to be found again, and in the log as far as that has room for it. */
export function pageFor(
  context: EdgeContext,
  kind: PageKind,
  route: EdgeRoute | undefined,
  asker: PageAsker,
  about: { readonly host: string; readonly status?: number; readonly cause?: string },
): FriendlyPage {
  const page = makeFriendlyPage(kind, route, asker, about.status);
  const shown = {
    kind,
    status: page.status,
    host: about.host.slice(0, 253),
    reference: page.reference,
    ...(route === undefined ? {} : { instanceId: route.instanceId }),
    ...(about.cause === undefined ? {} : { cause: about.cause }),
  };
  context.log.write('page', shown);
  context.pages.note(shown);
  return page;
}

/** HSTS only under a publicly trusted certificate: decided by the one that this connection was made with. */
export function isHstsAllowed(context: EdgeContext, serverName: string | undefined): boolean {
  return context.certificates.find(serverName)?.certificate.isPubliclyTrusted === true;
}
