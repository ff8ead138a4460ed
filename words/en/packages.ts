/** What a package asks to reach on its server beside itself. `what`: `ports`, `metadata` or both. */
export const packages = {
  'packages.asks':
    '{name} asks to reach {what, select, ports {TCP {ports} on its own server} metadata {the address where a cloud hands out its keys} other {TCP {ports} on its own server, and the address where a cloud hands out its keys}}. {agreed, select, yes {An owner agreed.} other {No instance of it is made until an owner agrees: farm packages agree {id}}}',
  'packages.asksNothing': '{name} asks for nothing beside its own port.',
  'packages.withdrawn':
    'No instance of {name} is made from now on. Those that are there keep what they were given; remove them to end that.',
} as const;
