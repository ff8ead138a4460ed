export const monitoring = {
  // one sentence a chart; `at` is a time of day, values come with their units
  'monitoring.chart.none': 'Nothing was measured in this time.',
  'monitoring.chart.steady': 'Steady at {value}.',
  'monitoring.chart.range': 'Between {least} and {most}, highest at {at}.',
  'monitoring.chart.spike': 'Usually {usual}. Highest {most} at {at}.',
  'monitoring.chart.rising': 'Grows: {least} at first, {most} now.',
  'monitoring.chart.gap': 'Not measured for {gap}.',
} as const;
