import type { CertificateView } from '#contract/api/certificates.ts';
import type { Translate } from '#words/translate.ts';

const DAY_MS = 86_400_000;
const MONTH_DAYS = 30.44;
const YEAR_DAYS = 365.25;

/** Whole days left; negative once it has ended. */
export function daysLeft(certificate: CertificateView, nowMs: number): number {
  return Math.floor((certificate.notAfterMs - nowMs) / DAY_MS);
}

/** `71 days`, `11 months`, `9 years`: coarse where nobody acts on the difference. */
export function leftText(words: Translate, certificate: CertificateView, nowMs: number): string {
  const days = daysLeft(certificate, nowMs);
  if (certificate.notAfterMs <= nowMs) return words('certificates.page.ended');
  if (days < 120) return words('certificates.page.days', { days });
  if (days < YEAR_DAYS * 2) return words('certificates.page.months', { months: Math.round(days / MONTH_DAYS) });
  return words('certificates.page.years', { years: Math.floor(days / YEAR_DAYS) });
}

export function nameOf(words: Translate, certificate: CertificateView): string {
  return certificate.kind === 'site-authority' ? words('certificates.kind.site-authority') : (certificate.names[0] ?? '–');
}

export function stateText(words: Translate, certificate: CertificateView, nowMs: number): string {
  const { code } = certificate.condition;
  if (code === 'ends-soon') return words('certificates.state.ends-soon', { days: Math.max(0, daysLeft(certificate, nowMs)) });
  return words(`certificates.state.${code}`);
}

/** Those that end first stand first: the next thing to do is on top. */
export function inOrder(certificates: readonly CertificateView[]): CertificateView[] {
  return [...certificates].sort((a, b) => a.notAfterMs - b.notAfterMs || (a.id < b.id ? -1 : 1));
}

/** The worst one that a person should do something about now. */
export function alertOf(certificates: readonly CertificateView[]): CertificateView | undefined {
  return inOrder(certificates).find(({ condition }) => condition.mark === 'bad' || condition.mark === 'warning');
}

/** `AB:CD:…`, as browsers show it. */
export function fingerprintText(hex: string): string {
  return (hex.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':');
}

export type Bar = {
  readonly id: string;
  /** Shares of the drawn time, 0 to 1. */
  readonly from: number;
  readonly to: number;
  readonly isBeyond: boolean;
};
export type Timeline = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly today: number;
  readonly bars: readonly Bar[];
  readonly months: readonly { readonly atMs: number; readonly at: number }[];
};

const BEFORE_MS = 14 * DAY_MS;
const LEAST_MS = 120 * DAY_MS;
const MOST_MS = 400 * DAY_MS;

/** Validity as bars from two weeks ago to the last end that is near enough to matter; longer ones run out of the drawing. */
export function timelineOf(certificates: readonly CertificateView[], nowMs: number): Timeline {
  const fromMs = nowMs - BEFORE_MS;
  const near = certificates.map(({ notAfterMs }) => notAfterMs).filter((endMs) => endMs < nowMs + MOST_MS);
  const toMs = Math.max(nowMs + LEAST_MS, ...near.map((endMs) => endMs + (endMs - fromMs) * 0.15));
  const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
  const months: { atMs: number; at: number }[] = [];
  const first = new Date(fromMs);
  for (let month = first.getUTCMonth() + 1; ; month += 1) {
    const atMs = Date.UTC(first.getUTCFullYear(), month, 1);
    if (atMs >= toMs) break;
    months.push({ atMs, at: share(atMs) });
  }
  // More than eight words would stand on each other.
  const step = Math.ceil(months.length / 8);
  return {
    fromMs,
    toMs,
    today: share(nowMs),
    bars: certificates.map(({ id, notBeforeMs, notAfterMs }) => ({
      id,
      from: share(notBeforeMs),
      to: share(notAfterMs),
      isBeyond: notAfterMs > toMs,
    })),
    months: months.filter((_, index) => index % step === 0),
  };
}
