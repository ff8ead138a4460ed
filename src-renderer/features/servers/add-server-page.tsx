import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { defaultAgentPort } from '#contract/agent/pairing.ts';
import { serverId } from '#contract/ids.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { jobStepIndex, stepTitle } from '../../lib/say-job.ts';
import { endOfJob } from '../../lib/end-of-job.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { usePageKeys } from '../../lib/use-page-keys.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useTakeAlong } from '../../lib/use-take-along.ts';
import { useWords } from '../../lib/use-words.ts';
import { useDraft } from '../../stores/drafts.ts';
import { selectServers, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { type Change, ChangesList } from '../../ui/changes-list.tsx';
import { CodeBox } from '../../ui/code-box.tsx';
import { Evidence, Fold } from '../../ui/fold.tsx';
import { useLook } from '../../ui/look-context.ts';
import { Page, PageHead } from '../../ui/page.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { TakeAlong } from '../../ui/take-along.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Verdict } from '../../ui/verdict.tsx';
import { Wizard } from '../../ui/wizard.tsx';
import { ServerAdded } from './server-added.tsx';
import { codeFormOf, codeLine, groupedCode } from './code-form.ts';
import { addressSays, checkDraft, codeSays, whyOff } from './add-server-form.ts';

/* The person has a code on one screen and this page on another. First seen: two fields, address and code. What may go wrong: a mistyped
   code (told while typing), a wrong address, a server that does not answer: each in words, with what was typed still there. */

const LONG_MS = 6_000;

function Running({ address, startedMs, job }: { address: string; startedMs: number; job: JobView | undefined }) {
  const words = useWords();
  const now = useNow(1_000);
  const step = job?.steps[jobStepIndex(job)];
  return (
    <div role="status">
      <Stopwatch startedMs={startedMs} label={words('servers.add.running.time')} />
      <p>{step === undefined || job === undefined ? words('servers.add.running.waiting', { address }) : stepTitle(words, job, step)}</p>
      {now - startedMs > LONG_MS && <p>{words('servers.add.running.long')}</p>}
    </div>
  );
}

function useChanges(): readonly Change[] {
  const words = useWords();
  return [
    { id: 'key', icon: 'key-round', title: words('servers.add.changes.key.title'), says: words('servers.add.changes.key.says') },
    {
      id: 'certificate',
      icon: 'shield-check',
      title: words('servers.add.changes.certificate.title'),
      says: words('servers.add.changes.certificate.says'),
    },
    {
      id: 'none',
      icon: 'layers',
      title: words('servers.add.changes.none.title'),
      says: words('servers.add.changes.none.says'),
      isUntouched: true,
    },
  ];
}

export function AddServerPage() {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const { clock } = useLook();
  const servers = useSnapshot(selectServers);
  const [draft, change, drop] = useDraft('add-server', checkDraft);
  // The code is a secret for an hour: it is never part of the kept draft.
  const [code, setCode] = useState('');
  const [startedMs, setStartedMs] = useState<number>();
  const [added, setAdded] = useState<{ readonly server: ServerView; readonly tookMs: number }>();
  /** The server that was just taken out again, because it showed other words. */
  const [gone, setGone] = useState<string>();
  const [job, setJob] = useState<JobView>();
  const add = useCall(async (requestKey, address: string, pairingCode: string, name: string) => {
    const begun = await core.servers.add({ requestKey, address, code: pairingCode, ...(name !== '' && { name }) });
    const { job: settled } = await endOfJob(core, begun, setJob);
    return settled.state === 'done' ? core.servers.get({ serverId: serverId.parse(settled.subject.id) }) : undefined;
  });
  // A join that failed has taken itself back; its failure is the page's. One that stands still has a page of its own.
  const failure = add.isBusy ? undefined : (add.failure ?? job?.failure);
  usePageTitle(words('servers.add.title'));
  usePageKeys({ Escape: () => !add.isBusy && goTo(paths.servers) });
  const heading = words('servers.add.changes');
  const changes = useChanges();
  const about = [draft.address, draft.name].map((text) => text.trim()).filter((text) => text !== '');
  const take = useTakeAlong({ title: words('servers.add.title'), about, heading, changes }, about[0] ?? '');
  const form = codeFormOf(code);
  const off = whyOff(words, draft, form, servers);
  const submit = async (): Promise<void> => {
    if (off !== undefined || add.isBusy) return;
    const begunMs = clock();
    setStartedMs(begunMs);
    setJob(undefined);
    setGone(undefined);
    const server = await add.run(draft.address.trim(), code, draft.name.trim());
    if (server === undefined) return;
    setAdded({ server, tookMs: clock() - begunMs });
    setCode('');
    drop();
  };
  if (added !== undefined) {
    const another = (left?: string): void => {
      setAdded(undefined);
      setGone(left);
    };
    const { server, tookMs } = added;
    return <ServerAdded server={server} tookMs={tookMs} onAnother={another} onGone={() => another(server.name)} />;
  }
  return (
    <Page width="bare">
      <Wizard
        sideTitle={heading}
        sideActs={<TakeAlong {...take} />}
        side={<ChangesList label={heading} changes={changes} />}
        foot={
          <>
            {add.isBusy && startedMs !== undefined ? (
              <Running address={draft.address} startedMs={startedMs} job={job} />
            ) : (
              <p>{words('servers.add.takes')}</p>
            )}
            <div className="row">
              <Button
                look="primary"
                size="large"
                type="submit"
                keyHint="Enter"
                isBusy={add.isBusy}
                disabledReason={add.isBusy ? undefined : off}
              >
                {words(failure === undefined ? 'servers.add.confirm' : 'servers.add.again')}
              </Button>
              <Button look="bare" size="large" href={paths.servers} keyHint="Esc">
                {words('servers.add.cancel')}
              </Button>
            </div>
          </>
        }
        onSubmit={() => void submit()}
      >
        <PageHead
          crumbs={[{ text: words('servers.list.title'), href: paths.servers }, { text: words('servers.add.crumb') }]}
          crumbsLabel={words('servers.page.crumbs')}
          title={words('servers.add.title')}
          says={words('servers.add.says')}
        />
        {gone !== undefined && (
          <Banner
            state="warning"
            title={words('servers.differ.gone.title', { name: gone })}
            acts={<Button href={paths.certificates}>{words('servers.differ.gone.certificates')}</Button>}
          >
            {words('servers.differ.gone.says')}
          </Banner>
        )}
        {failure !== undefined && (
          <Verdict
            state="bad"
            title={words('servers.add.stopped.title')}
            why={sayFailure(words, failure)}
            evidence={{ title: words('common.evidence'), content: <Evidence>{failureEvidence(failure)}</Evidence> }}
            {...(job?.state === 'stopped' && {
              acts: <Button href={paths.job(job.id)}>{words('servers.add.stopped.job')}</Button>,
            })}
          />
        )}
        <TextField
          label={words('servers.add.address')}
          value={draft.address}
          onChange={(address) => change({ address })}
          icon="server"
          isMono
          autoFocus
          inputMode="url"
          says={addressSays(words, draft.address, servers, defaultAgentPort)}
        />
        <TextField
          label={words('servers.add.code')}
          value={code}
          onChange={(typed) => setCode((before) => groupedCode(typed, before))}
          icon="key-round"
          isMono
          says={codeSays(words, form)}
        />
        <TextField
          label={words('servers.add.name')}
          note={words('servers.add.name.note')}
          value={draft.name}
          onChange={(name) => change({ name })}
          says={
            servers.some((server) => server.name.toLowerCase() === draft.name.trim().toLowerCase())
              ? { state: 'bad', text: words('servers.add.name.taken', { name: draft.name.trim() }) }
              : { text: words('servers.add.name.hint') }
          }
        />
        <Fold title={words('servers.add.where')}>
          <p className="soft">{words('servers.add.where.says')}</p>
          <CodeBox
            text={codeLine}
            copyLabel={words('servers.add.where.copy')}
            copiedLabel={words('servers.page.copied')}
            onCopy={host.copyText}
          />
        </Fold>
      </Wizard>
    </Page>
  );
}
