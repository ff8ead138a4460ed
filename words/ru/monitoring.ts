import type { monitoring as english } from '../en/monitoring.ts';

export const monitoring = {
  'monitoring.chart.none': 'За это время ничего не измерено.',
  'monitoring.chart.steady': 'Ровно: {value}.',
  'monitoring.chart.range': 'От {least} до {most}, больше всего в {at}.',
  'monitoring.chart.spike': 'Обычно {usual}. Больше всего {most} в {at}.',
  'monitoring.chart.rising': 'Растёт: сначала {least}, сейчас {most}.',
  'monitoring.chart.gap': 'Без измерений {gap}.',
} satisfies Record<keyof typeof english, string>;
