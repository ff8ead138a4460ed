/** What a package asks to reach on its server beside itself. `what`: `ports`, `metadata` or both. */
export const packages = {
  'packages.asks':
    '{name} asks to reach {what, select, ports {TCP {ports} on its own server} metadata {the address where a cloud hands out its keys} other {TCP {ports} on its own server, and the address where a cloud hands out its keys}}. {agreed, select, yes {An owner agreed.} other {No instance of it is made until an owner agrees: farm packages agree {id}}}',
  'packages.ask.port': 'Port {port} of its server{program, select, none {} other {, where {program} usually is}}.',
  'packages.ask.metadata':
    'The address where a cloud hands out the keys of its server (169.254.169.254). Who has them can act as that server in the cloud.',
  'packages.notAgreed': '{name} asks to reach more than itself',
  'packages.notAgreed.says': 'No instance of it is made before an owner agrees.',
  'packages.agree.open': 'See what it asks',
  'packages.agree.button': 'Agree …',
  'packages.agree.title': 'May {name} reach more than itself?',
  'packages.agree.says': 'An instance reaches nothing on its server but itself. Those of {name} would also reach:',
  'packages.agree.trust': 'Agree when you know what it needs this for. It can be taken back in the settings.',
  'packages.agree.confirm': 'Agree for {name}',
  'packages.agree.keep': 'Not now',
  'packages.withdraw.button': 'Take back …',
  'packages.withdraw.title': 'Take back what {name} may reach?',
  'packages.withdraw.says': 'No instance of {name} is made from then on, and those that are there no longer reach:',
  'packages.withdraw.trust':
    'Where a server keeps rules by owner they are refused new connections at once, or when it is back; connections that stand end with the next restart. An instance that needs them may stop working.',
  'packages.withdraw.confirm': 'Take back from {name}',
  'packages.withdraw.keep': 'Leave it',
  'packages.asksNothing': '{name} asks for nothing beside its own port.',
  'packages.withdrawn':
    'No instance of {name} is made from now on. Those that are there lose that reach too, where their server keeps rules by owner: new connections are refused at once, or when the server is back; those that stand end with the next restart.',
} as const;
