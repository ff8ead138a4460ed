import type { ProviderWords } from '../provider-words.ts';

export const providers = {
  'providers.builtin.name': 'Built-in name server',
  'providers.builtin.says': 'For trying out. Nothing to set up.',
  'providers.powerdns.name': 'PowerDNS',
  'providers.powerdns.says': 'Your own name server, over its HTTP API.',
  'providers.powerdns.url': 'Address of its web server',
  'providers.powerdns.url.hint': 'For example http://dns.example:8081',
  'providers.powerdns.apiKey': 'API key',
  'providers.powerdns.apiKey.hint': 'The value of api-key in its settings. It is sealed and not shown again.',
  'providers.powerdns.login': 'Name and password of a proxy',
  'providers.powerdns.login.hint': 'Only where a proxy in front of it asks for them: NAME:PASSWORD. Sealed, and not shown again.',
  'providers.powerdns.nameServers': 'Name servers to ask',
  'providers.powerdns.nameServers.hint': 'Only when they are not the ones that the domain itself names.',
  'providers.optional': 'optional',
  'providers.stays': 'stays if left empty',
  'providers.problem.required': 'This is missing.',
  'providers.problem.again':
    'Give this once more: it goes to another server now, and the one that is kept was meant for the server before.',
  'providers.problem.userinfo':
    'Leave out what stands before the @: a name or password there would be kept openly. It has a field of its own.',
  'providers.problem.unknown': 'There is no such field.',
  'providers.problem.kind': 'This is a value of the wrong kind.',
  'providers.problem.characters': 'Only letters, digits and signs without accents; no spaces.',
  'providers.problem.url': 'This is no web address. It begins with http:// or https://.',
  'providers.problem.host': 'This is no host name. For example api.example or 203.0.113.7:8080.',
  'providers.problem.servers': '{text} is no address. One in a line: an IP address, with a port if it is not 53.',
} as const satisfies ProviderWords;
