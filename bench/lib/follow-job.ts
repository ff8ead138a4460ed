import { type Job, jobOf } from '../../e2e/fixtures/farm-calls.ts';
import type { Program } from '../../e2e/fixtures/program.ts';

/** Waits as a window does: the stream of the job ends when the job does. Polling would take from what is measured. */
export async function followJob(program: Program, jobId: string): Promise<Job> {
  const response = await fetch(`${program.link.origin}/api/v1/jobs/${jobId}/watch`, {
    headers: { authorization: `Bearer ${program.link.token}`, accept: 'text/event-stream' },
  });
  if (!response.ok) throw new Error(`watch ${jobId}: ${response.status}`);
  await response.text();
  return jobOf(program, jobId);
}
