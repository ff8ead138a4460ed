import type { AgentLog } from '../ports.ts';

export type AbsentMetrics = {
  /** Says once why a metric of a subject is absent now. */
  readonly failed: (subject: string, metric: string, error: unknown) => void;
  /** Says that it is measured again, where it was absent. */
  readonly measured: (subject: string, metric: string) => void;
  /** The subject has gone. */
  readonly forget: (subject: string) => void;
};

/** What a collector could not tell, in the log: once when it begins and once when it is over, not every five seconds. */
export function createAbsentMetrics(log: AgentLog): AbsentMetrics {
  const absent = new Map<string, Set<string>>();
  return {
    failed: (subject, metric, error) => {
      const metrics = absent.get(subject) ?? new Set();
      absent.set(subject, metrics);
      if (metrics.has(metric)) return;
      metrics.add(metric);
      log.warn('metric.absent', { subject, metric, problem: error instanceof Error ? error.message : String(error) });
    },
    measured: (subject, metric) => {
      if (absent.get(subject)?.delete(metric) === true) log.info('metric.measured-again', { subject, metric });
    },
    forget: (subject) => void absent.delete(subject),
  };
}
