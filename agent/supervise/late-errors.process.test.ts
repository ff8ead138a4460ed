import { expect, test } from 'vitest';
import { placePackage, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

test('what throws while the end of an application is told is logged as a bug', async () => {
  const home = await temporaryHome();
  const { supervisor, packages, logs, log } = await openSupervision(home.folders);
  const { lastLine } = logs;
  try {
    await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages)));
    const started = await supervisor.start('anna');
    if (started.process.state !== 'running') throw new Error('it does not run');
    Object.assign(logs, {
      lastLine: () => {
        throw new Error('the log is gone');
      },
    });
    process.kill(started.process.processId, 'SIGKILL');
    await eventually(
      () => log.bugs,
      (bugs) => bugs.length > 0,
    );
    expect(log.bugs).toMatchObject([{ message: 'the log is gone' }]);
  } finally {
    Object.assign(logs, { lastLine });
    await supervisor.remove('anna');
    supervisor.close();
    await home.remove();
  }
});
