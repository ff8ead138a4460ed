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
  // where the reference on a page or an error leads; one key for each page of the edge
  'monitoring.found.page.starting': 'A visitor saw the page “Starting”: the application was being started.',
  'monitoring.found.page.suspended': 'A visitor saw the page “Suspended”: the instance was suspended.',
  'monitoring.found.page.broken': 'A visitor saw the page “Does not answer”: the application took no request, or was being started again.',
  'monitoring.found.page.slow': 'A visitor saw the page “Takes too long”: the application had been asked and did not answer in time.',
  'monitoring.found.page.unreadable': 'A visitor saw the page “Answer not understood”: what the application answered is no HTTP.',
  'monitoring.found.page.busy': 'A visitor saw the page “Very busy”: more wanted something of the application than it takes at a time.',
  'monitoring.found.page.failed':
    'A visitor saw the page “A fault on the way”: a fault of the edge, not of the application. Please report it.',
  'monitoring.found.page.unknown': 'A visitor saw the page “Nothing here”: no instance has this address on this server.',
  'monitoring.found.page.other': 'A visitor saw a page in the application’s place, with status {status, number, ::group-off}.',
  'monitoring.found.server': 'A fault of the agent or the edge of this server. Please report it with these lines.',
  'monitoring.found.core': 'A fault of this program. Please report it with these lines.',
  'monitoring.found.gone': '{id} (not in the farm any more)',
  'monitoring.found.next': 'What it wrote at that time: farm instances log {name}. How it is now: farm instances check {name}.',
  'monitoring.found.none':
    'Nobody knows the reference {reference}. It may be mistyped, of another farm, or too old: servers keep the last thousand pages.',
  'monitoring.found.noneYet': 'Those who could be asked do not know the reference {reference}.',
  'monitoring.found.unasked': '{server} could not be asked, and may know it: {why}',
  'monitoring.found.unread': 'The log of this program could not be read, and may have it: {why}',
} as const;
