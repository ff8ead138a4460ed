/**
 * Labels that a customer never gets: they mean something to mail clients, browsers, name servers or us, and whoever holds
 * them could pass for the provider. RFC 2142 names some of them, mail clients ask for others by themselves.
 */
const words = new Set([
  ...[
    'www',
    'web',
    'api',
    'app',
    'cdn',
    'static',
    'assets',
    'ftp',
    'sftp',
    'ssh',
    'vpn',
    'proxy',
    'gateway',
    'localhost',
    'wpad',
    'isatap',
  ],
  ...[
    'mail',
    'email',
    'smtp',
    'imap',
    'pop',
    'pop3',
    'webmail',
    'mx',
    'autodiscover',
    'autoconfig',
    'mta-sts',
    'postmaster',
    'hostmaster',
    'webmaster',
    'abuse',
    'noc',
    'security',
    'root',
  ],
  ...['admin', 'administrator', 'login', 'signin', 'sign-in', 'account', 'accounts', 'auth', 'sso', 'billing', 'support', 'help', 'status'],
  ...[
    'farm',
    'farmstead',
    'edge',
    'agent',
    'agents',
    'core',
    'manager',
    'desk',
    'server',
    'dns',
    'ns',
    'acme',
    'acme-challenge',
    'whois',
    'test',
    'example',
    'invalid',
  ],
]);
/** Name servers and mail exchangers are numbered. */
const numbered = /^(ns|mx|dns|smtp|www|server|edge|agent)\d+$/;

export function isReservedLabel(label: string): boolean {
  return words.has(label) || numbered.test(label);
}
