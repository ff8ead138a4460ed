import { useEffect, useRef } from 'react';
import type { HandOver as HandOverView, InstanceView } from '#contract/api/instances.ts';
import type { InstanceId } from '#contract/ids.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { useTitleInPlace } from '../../lib/focus-title.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { sayCode } from '../../lib/say-job.ts';
import { Button } from '../../ui/button.tsx';
import { useCopied } from '../../ui/copy-button.tsx';
import { Evidence } from '../../ui/fold.tsx';
import { HandOver } from '../../ui/hand-over.tsx';
import { Lines } from '../../ui/lines.tsx';
import { Columns, SectionHead, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import { useState } from 'react';
import { TrustWarning } from './trust-warning.tsx';

export type HandOverCardProps = {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly customer: string | undefined;
  /** How long creating it took; absent when it is handed over later. */
  readonly tookMs?: number | undefined;
  readonly onLeave: () => void;
};

function Proof({ instanceId, handOver }: { instanceId: InstanceView['id']; handOver: HandOverView }) {
  const words = useWords();
  const found = useQuery(`instances.get.${instanceId}`, (core) => core.instances.get({ instanceId }));
  const road = found.data?.road ?? [];
  return (
    <Panel
      title={words('wizard.done.proof')}
      look="open"
      foot={
        <span className="small">
          {words('wizard.done.proofAge', { witness: handOver.witness })}{' '}
          {handOver.checkedAtMs !== undefined && <RelativeTime timeMs={handOver.checkedAtMs} />}
        </span>
      }
    >
      <Lines
        label={words('wizard.done.proof')}
        lines={road.map((check) => ({
          id: check.stone,
          mark: check.mark,
          word: words(`common.state.${check.mark}`),
          text: words(`instances.road.${check.stone}.title`),
          says: sayCode(words, `instances.road.${check.stone}.says.${check.code}`, check.parameters),
        }))}
      />
    </Panel>
  );
}

function Card({ handOver, ...props }: HandOverCardProps & { readonly handOver: HandOverView }) {
  const words = useWords();
  const format = useFormat();
  const host = useHost();
  const { isCopied, copy } = useCopied();
  const { url, userName, password, letter, witness } = handOver;
  useTitleInPlace(props.name);
  const customer = props.customer ?? 'none';
  const all = [url, userName, password].filter((part) => part !== undefined).join('\n');
  return (
    <Columns>
      <Stack>
        <HandOver
          title={words('wizard.done.title', { name: props.name })}
          says={
            props.tookMs === undefined
              ? words('wizard.done.saysAgain', { witness })
              : words('wizard.done.says', { duration: format.duration(props.tookMs), witness })
          }
          rows={[
            { id: 'address', name: words('wizard.done.address'), value: url, href: url, copyLabel: words('wizard.done.copyAddress') },
            ...(userName === undefined
              ? []
              : [{ id: 'user', name: words('wizard.done.user'), value: userName, copyLabel: words('wizard.done.copyUser') }]),
            ...(password === undefined
              ? []
              : [{ id: 'password', name: words('wizard.done.password'), value: password, copyLabel: words('wizard.done.copyPassword') }]),
          ]}
          copiedLabel={words('wizard.done.copied')}
          once={words(password === undefined ? 'wizard.done.gone' : 'wizard.done.once')}
          acts={
            <>
              <Button look="primary" size="large" icon={isCopied ? 'check' : 'copy'} onClick={() => copy(all, host.copyText)}>
                {isCopied ? words('wizard.done.copied') : words('wizard.done.copyAll', { customer })}
              </Button>
              <Button size="large" icon="arrow-up-right" onClick={() => void host.openAddress(url)}>
                {words('wizard.done.open')}
              </Button>
            </>
          }
          leave={
            <Button look="bare" size="large" onClick={props.onLeave}>
              {words('wizard.done.leave')}
            </Button>
          }
          onCopy={host.copyText}
        />
        <SectionHead
          title={words('wizard.done.letter', { customer })}
          acts={
            <Button look="bare" size="small" icon="copy" onClick={() => void host.copyText(letter)}>
              {words('wizard.done.copyLetter')}
            </Button>
          }
        />
        <Panel>
          <pre className="letter soft">{letter.trim()}</pre>
        </Panel>
      </Stack>
      <Stack>
        <Proof instanceId={props.instanceId} handOver={handOver} />
        {handOver.needsSiteAuthority && <TrustWarning />}
      </Stack>
    </Columns>
  );
}

/**
 * Takes the first password out, once, and shows it with everything that the customer needs. When the answer is lost the same request is
 * repeated, so that the password is not lost with it.
 */
export function HandOverCard(props: HandOverCardProps) {
  const words = useWords();
  const core = useCore();
  const [handOver, setHandOver] = useState<HandOverView>();
  const take = useCall((requestKey) => core.instances.handOver({ requestKey, instanceId: props.instanceId }));
  const { run } = take;
  const hasBegun = useRef(false);
  const begin = (): void => void run().then((answer) => answer !== undefined && setHandOver(answer));
  const latest = useRef(begin);
  latest.current = begin;
  useEffect(() => {
    // Strict mode runs effects twice; a password is taken out once.
    if (hasBegun.current) return;
    hasBegun.current = true;
    latest.current();
  }, []);
  if (handOver !== undefined) return <Card {...props} handOver={handOver} />;
  if (take.failure === undefined) return <SkeletonRows label={words('wizard.done.loading')} />;
  return (
    <Verdict
      state="bad"
      title={words('wizard.done.failed')}
      why={sayFailure(words, take.failure)}
      acts={
        <Button look="primary" size="large" isBusy={take.isBusy} onClick={begin}>
          {words('wizard.done.retry')}
        </Button>
      }
      evidence={{ title: words('common.evidence'), content: <Evidence>{failureEvidence(take.failure)}</Evidence> }}
    />
  );
}
