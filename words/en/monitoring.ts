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
  // charts: the title of each group, and its lines; one key for each row of contract/catalogue/metrics.ts
  'monitoring.group.server.processor': 'Processor',
  'monitoring.group.server.memory': 'Memory',
  'monitoring.group.server.disk': 'Disk',
  'monitoring.group.server.network': 'Network',
  'monitoring.group.instance.answer': 'Answer time',
  'monitoring.group.instance.memory': 'Memory',
  'monitoring.group.instance.processor': 'Processor',
  'monitoring.metric.server.cpu': 'Processor',
  'monitoring.metric.server.memory': 'Memory',
  'monitoring.metric.server.disk': 'Disk',
  'monitoring.metric.server.networkOut': 'out',
  'monitoring.metric.server.networkIn': 'in',
  'monitoring.metric.instance.answer': 'Answer time',
  'monitoring.metric.instance.memory': 'Memory',
  'monitoring.metric.instance.cpu': 'Processor',
} as const;
