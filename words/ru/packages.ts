import type { packages as english } from '../en/packages.ts';

export const packages = {
  'packages.asks':
    'Пакету {name} нужен доступ {what, select, ports {к TCP {ports} на своём сервере} metadata {к адресу, где облако выдаёт свои ключи} other {к TCP {ports} на своём сервере и к адресу, где облако выдаёт свои ключи}}. {agreed, select, yes {Владелец согласился.} other {Пока владелец не согласится, его экземпляры не создаются: farm packages agree {id}}}',
  'packages.ask.port': 'Порт {port} своего сервера{program, select, none {} other {, где обычно {program}}}.',
  'packages.ask.metadata':
    'Адрес, по которому облако выдаёт ключи своего сервера (169.254.169.254). У кого они есть, тот действует в облаке от имени сервера.',
  'packages.notAgreed': '{name} хочет доступ не только к себе',
  'packages.notAgreed.says': 'Пока владелец не согласится, экземпляры не создаются.',
  'packages.agree.open': 'Посмотреть, что нужно',
  'packages.agree.button': 'Согласиться …',
  'packages.agree.title': 'Дать {name} доступ не только к себе?',
  'packages.agree.says': 'Экземпляру на его сервере доступен только он сам. Экземплярам {name} станет доступно ещё:',
  'packages.agree.trust': 'Соглашайтесь, если знаете, зачем это нужно. Отозвать можно в настройках.',
  'packages.agree.confirm': 'Согласиться для {name}',
  'packages.agree.keep': 'Не сейчас',
  'packages.withdraw.button': 'Отозвать …',
  'packages.withdraw.title': 'Отозвать доступ {name}?',
  'packages.withdraw.says': 'Новые экземпляры {name} больше не создаются, а существующим станет недоступно:',
  'packages.withdraw.trust':
    'Где сервер держит правила по владельцу, новые соединения отклоняются сразу или когда он вернётся; открытые кончаются со следующим перезапуском. Экземпляр, которому они нужны, может перестать работать.',
  'packages.withdraw.confirm': 'Отозвать у {name}',
  'packages.withdraw.keep': 'Оставить',
  'packages.asksNothing': 'Пакету {name} ничего, кроме собственного порта, не нужно.',
  'packages.withdrawn':
    'Новые экземпляры {name} больше не создаются. Прежние тоже теряют этот доступ там, где сервер держит правила по владельцу: новые соединения отклоняются сразу или когда сервер вернётся, а открытые кончаются со следующим перезапуском.',
} satisfies Record<keyof typeof english, string>;
