import type { edge as english } from '../en/edge.ts';

export const edge = {
  'edge.starting.title': 'Запускается',
  'edge.starting.text':
    'Приложение запускается. Обычно это занимает несколько секунд. Страница откроется сама, как только всё будет готово.',
  'edge.suspended.title': 'Приостановлено',
  'edge.suspended.text':
    'Сейчас приложение приостановлено. Его данные сохранены. Чтобы возобновить работу, обратитесь к своему провайдеру.',
  'edge.broken.title': 'Не отвечает',
  'edge.broken.text': 'Сейчас приложение не отвечает. Его уже перезапускают; попробуйте ещё раз через минуту.',
  'edge.slow.title': 'Слишком долго',
  'edge.slow.text': 'Приложение получило запрос, но не ответило вовремя. Попробуйте ещё раз; если это повторится, сообщите провайдеру.',
  'edge.unknown.title': 'Здесь ничего нет',
  'edge.unknown.text': 'По этому адресу нет приложения. Проверьте, нет ли в адресе опечатки.',
  'edge.page.provider': 'Услугу предоставляет {provider}',
  'edge.page.reference': 'Номер обращения {reference}',
  'edge.page.help': 'Если будете обращаться за помощью, назовите этот номер.',
} satisfies Record<keyof typeof english, string>;
