import type { monitoring as english } from '../en/monitoring.ts';

export const monitoring = {
  'monitoring.alerts.title': 'Тревоги',
  'monitoring.alerts.says': 'Что требует внимания сейчас, худшее первым.',
  'monitoring.alerts.quiet': 'Всё спокойно',
  'monitoring.alerts.quietSays':
    'Серверы, экземпляры, задания и сертификаты под присмотром всё время. Что пойдёт не так, появится здесь и в обзоре.',
  'monitoring.alerts.later.title': 'Что появится позже',
  'monitoring.alerts.later.says':
    'Сообщений по почте или в чат, их истории и отметок, кто чем занялся, в этой версии нет. Пока так: список полон, но никого не зовут.',
  'monitoring.chart.none': 'За это время ничего не измерено.',
  'monitoring.chart.steady': 'Ровно: {value}.',
  'monitoring.chart.range': 'От {least} до {most}, больше всего в {at}.',
  'monitoring.chart.spike': 'Обычно {usual}. Больше всего {most} в {at}.',
  'monitoring.chart.rising': 'Растёт: сначала {least}, сейчас {most}.',
  'monitoring.chart.gap': 'Без измерений {gap}.',
  'monitoring.group.server.processor': 'Процессор',
  'monitoring.group.server.memory': 'Память',
  'monitoring.group.server.disk': 'Диск',
  'monitoring.group.server.network': 'Сеть',
  'monitoring.group.instance.answer': 'Время ответа',
  'monitoring.group.instance.memory': 'Память',
  'monitoring.group.instance.processor': 'Процессор',
  'monitoring.metric.server.cpu': 'Процессор',
  'monitoring.metric.server.memory': 'Память',
  'monitoring.metric.server.disk': 'Диск',
  'monitoring.metric.server.networkOut': 'исходящая',
  'monitoring.metric.server.networkIn': 'входящая',
  'monitoring.metric.instance.answer': 'Время ответа',
  'monitoring.metric.instance.memory': 'Память',
  'monitoring.metric.instance.cpu': 'Процессор',
} satisfies Record<keyof typeof english, string>;
