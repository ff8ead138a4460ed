import type { packages as english } from '../en/packages.ts';

export const packages = {
  'packages.asks':
    'Пакету {name} нужен доступ {what, select, ports {к TCP {ports} на своём сервере} metadata {к адресу, где облако выдаёт свои ключи} other {к TCP {ports} на своём сервере и к адресу, где облако выдаёт свои ключи}}. {agreed, select, yes {Владелец согласился.} other {Пока владелец не согласится, его экземпляры не создаются: farm packages agree {id}}}',
  'packages.asksNothing': 'Пакету {name} ничего, кроме собственного порта, не нужно.',
  'packages.withdrawn': 'Новые экземпляры {name} больше не создаются. Прежние сохраняют то, что получили; чтобы этого не было, удалите их.',
} satisfies Record<keyof typeof english, string>;
