import type { Translate } from './translate.ts';

/** What is known of an instance before it is made. Absent: not known (yet), so nothing is said of it. */
export type CreateChanges = {
  readonly host: string;
  readonly domain: string | undefined;
  readonly server: string | undefined;
  /** What the plan reserves, as people read it. */
  readonly size: { readonly memory: string; readonly disk: string } | undefined;
  readonly isPackageSent: boolean;
  /** How long the certificate of the domain still holds, or that there is none. */
  readonly certificate: { readonly days: number } | 'missing' | undefined;
  readonly newCustomer: string | undefined;
};

export type SaidChange = {
  readonly id: 'dns' | 'certificate' | 'server' | 'edge' | 'customer' | 'untouched';
  readonly title: string;
  readonly says: string;
};

/** Exactly what will change when an instance is made, and what will not: the same sentences in the wizard, in its copy and on the command line. */
export function sayCreateChanges(t: Translate, what: CreateChanges): SaidChange[] {
  const { host, domain, server, size, certificate, newCustomer } = what;
  const changes: SaidChange[] = [];
  if (server !== undefined) {
    changes.push({ id: 'dns', title: t('wizard.change.dns.title'), says: t('wizard.change.dns.says', { host, server }) });
  }
  if (domain !== undefined && certificate !== undefined) {
    const says =
      certificate === 'missing'
        ? t('wizard.change.certificate.none', { domain })
        : t('wizard.change.certificate.says', { name: `*.${domain}`, days: certificate.days });
    changes.push({ id: 'certificate', title: t('wizard.change.certificate.title'), says });
  }
  const reserved = size === undefined ? '–' : t('wizard.change.server.says', size);
  changes.push({
    id: 'server',
    title: server === undefined ? t('wizard.change.server.later') : t('wizard.change.server.title', { server }),
    says: what.isPackageSent ? `${reserved} ${t('wizard.change.server.send')}` : reserved,
  });
  changes.push({ id: 'edge', title: t('wizard.change.edge.title'), says: t('wizard.change.edge.says', { host }) });
  if (newCustomer !== undefined) {
    const says = t('wizard.change.customer.says', { name: newCustomer });
    changes.push({ id: 'customer', title: t('wizard.change.customer.title'), says });
  }
  changes.push({ id: 'untouched', title: t('wizard.change.untouched.title'), says: t('wizard.change.untouched.says') });
  return changes;
}
