import type { ProviderWords } from '../provider-words.ts';

export const providers = {
  'providers.builtin.name': 'Встроенный сервер имён',
  'providers.builtin.says': 'Для проб. Ничего настраивать не нужно.',
  'providers.powerdns.name': 'PowerDNS',
  'providers.powerdns.says': 'Ваш сервер имён, через его HTTP API.',
  'providers.powerdns.url': 'Адрес его веб-сервера',
  'providers.powerdns.url.hint': 'Например, http://dns.example:8081',
  'providers.powerdns.apiKey': 'Ключ API',
  'providers.powerdns.apiKey.hint': 'Значение api-key в его настройках. Ключ запечатывается и больше не показывается.',
  'providers.powerdns.nameServers': 'Какие серверы имён спрашивать',
  'providers.powerdns.nameServers.hint': 'Только если это не те, которые называет сам домен.',
  'providers.optional': 'необязательно',
  'providers.stays': 'без изменений, если пусто',
  'providers.problem.required': 'Не заполнено.',
  'providers.problem.unknown': 'Такого поля нет.',
  'providers.problem.kind': 'Значение не того вида.',
  'providers.problem.characters': 'Только латинские буквы, цифры и знаки, без пробелов.',
  'providers.problem.url': 'Это не веб-адрес. Он начинается с http:// или https://.',
  'providers.problem.host': 'Это не имя узла. Например, api.example или 203.0.113.7:8080.',
  'providers.problem.servers': '{text} — не адрес. По одному в строке: IP-адрес, с портом, если он не 53.',
} as const satisfies ProviderWords;
