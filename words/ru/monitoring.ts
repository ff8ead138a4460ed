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
} satisfies Record<keyof typeof english, string>;
