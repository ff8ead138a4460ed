/** The page of alerts, until alerts with messages exist. */
export const monitoring = {
  'monitoring.alerts.title': 'Alerts',
  'monitoring.alerts.says': 'What needs attention now, worst first.',
  'monitoring.alerts.quiet': 'Nothing needs attention',
  'monitoring.alerts.quietSays':
    'Servers, instances, jobs and certificates are watched all the time. What goes wrong stands here and on the desk.',
  'monitoring.alerts.later.title': 'What comes later',
  'monitoring.alerts.later.says':
    'Messages by mail or chat, their history, and who has taken care of what are not part of this version. Until then: this list is complete, but nobody is called.',
  // one sentence a chart; `at` is a time of day, values come with their units
  'monitoring.chart.none': 'Nothing was measured in this time.',
  'monitoring.chart.steady': 'Steady at {value}.',
  'monitoring.chart.range': 'Between {least} and {most}, highest at {at}.',
  'monitoring.chart.spike': 'Usually {usual}. Highest {most} at {at}.',
  'monitoring.chart.rising': 'Grows: {least} at first, {most} now.',
  'monitoring.chart.gap': 'Not measured for {gap}.',
} as const;
