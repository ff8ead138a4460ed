import type { InstanceView, PathCheck } from '#contract/api/instances.ts';
import { sayCode } from '../../lib/say-job.ts';
import { paths } from '../../lib/go-to.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { DiagnosticPath, type PathCheckShown as DrawnCheck } from '../../ui/diagnostic-path.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import type { InstanceAct } from './instance-acts.ts';
import { isAllowed } from './instance-acts.ts';

type Props = {
  readonly instance: InstanceView;
  readonly path: readonly PathCheck[];
  readonly ask: (act: InstanceAct) => void;
  readonly onLog: () => void;
};

function useDrawnChecks(path: readonly PathCheck[]): DrawnCheck[] {
  const words = useWords();
  const broken = path.findIndex((check) => check.mark === 'bad');
  return path.map((check, index) => {
    const isBehind = broken >= 0 && index > broken && check.mark !== 'bad';
    return {
      id: check.stone,
      state: isBehind ? 'unknown' : check.mark,
      word: isBehind ? words('instances.page.road.notReached') : words(`common.state.${check.mark}`),
      title: words(`instances.road.${check.stone}.title`),
      says: isBehind
        ? words('instances.page.road.notReached')
        : (sayCode(words, `instances.road.${check.stone}.says.${check.code}`, check.parameters) ?? words(`common.state.${check.mark}`)),
    };
  });
}

/** The one thing that most probably helps in a state. */
function Cure({ instance, ask, onLog }: Omit<Props, 'path'>) {
  const words = useWords();
  const { code } = instance.condition;
  if (instance.jobId !== undefined) {
    return (
      <Button look="primary" icon="list-checks" href={paths.job(instance.jobId)}>
        {words('instances.page.openJob')}
      </Button>
    );
  }
  if ((code === 'not-seen' || code === 'unreached') && instance.server !== undefined) {
    return (
      <Button look="primary" icon="server" href={paths.server(instance.server.name)}>
        {words('instances.page.openServer', { server: instance.server.name })}
      </Button>
    );
  }
  const act = (['resume', 'start', 'restart'] as const).find((one) => isAllowed(instance, one));
  return (
    <>
      {act !== undefined && (
        <Button look="primary" icon={act === 'restart' ? 'rotate-cw' : 'arrow-right'} onClick={() => ask(act)}>
          {words(`instances.act.${act}`)}
        </Button>
      )}
      {code !== 'suspended' && code !== 'stopped' && <Button onClick={onLog}>{words('instances.page.seeLog')}</Button>}
    </>
  );
}

/** Health when all is well, diagnosis when it is not: the same path. */
export function InstancePath({ instance, path, ask, onLog }: Props) {
  const words = useWords();
  const checks = useDrawnChecks(path);
  const drawing =
    checks.length === 0 ? (
      <p className="soft">{words('instances.page.road.never')}</p>
    ) : (
      <DiagnosticPath label={words('instances.page.road')} checks={checks} />
    );
  const { mark, code, parameters } = instance.condition;
  if (mark === 'good') return <Panel>{drawing}</Panel>;
  const state = words(`instances.state.${code}`);
  return (
    <Verdict
      state={mark}
      title={words('instances.page.verdict', { name: instance.name, state })}
      why={
        sayCode(words, `instances.state.${code}.says`, {
          server: instance.server?.name ?? '–',
          answerMs: instance.answerMs ?? 0,
          restarts: instance.restarts,
          ...parameters,
        }) ?? state
      }
      acts={mark === 'working' && instance.jobId === undefined ? undefined : <Cure instance={instance} ask={ask} onLog={onLog} />}
    >
      {checks.length > 0 && drawing}
    </Verdict>
  );
}
