import type { domains as english } from '../en/domains.ts';

export const domains = {
  'domains.builtin.name': 'Встроенный сервер имён',
  'domains.builtin.address': 'Адрес, на котором он отвечает',
  'domains.builtin.address.hint': 'Только этот компьютер, если вы не хотите открыть его другим.',
  'domains.builtin.port': 'Порт',
  'domains.builtin.port.hint': '0 — любой свободный порт.',
  'domains.powerdns.name': 'PowerDNS',
  'domains.powerdns.url': 'Адрес его веб-сервера',
  'domains.powerdns.url.hint': 'Например, http://dns.example:8081',
  'domains.powerdns.apiKey': 'Ключ API',
  'domains.powerdns.apiKey.hint': 'Значение api-key в его настройках. Ключ запечатывается и больше не показывается.',
  'domains.powerdns.nameServers': 'Какие серверы имён спрашивать',
  'domains.powerdns.nameServers.hint': 'Только если это не те, которые называет сам домен.',
  'domains.plan.create': '{name} получит запись {type} {values}.',
  'domains.plan.replace': 'Запись {type} имени {name} изменится с {before} на {values}.',
  'domains.plan.delete': 'Запись {type} {before} имени {name} будет удалена.',
} satisfies Record<keyof typeof english, string>;
