import { sayFailure } from '../lib/failure.ts';
import { paths } from '../lib/go-to.ts';
import { useGround, useLinkState } from '../lib/use-core.ts';
import { useIsSignedOut } from '../lib/use-is-signed-out.ts';
import { useFormat, useWords } from '../lib/use-words.ts';
import { useSnapshot } from '../stores/snapshot.ts';
import { readNotice, useNotices } from '../stores/notices.ts';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';

/** The link is lost: everything that is known stays on the screen, and this says how old it is. */
function LostBanner() {
  const words = useWords();
  const format = useFormat();
  const { link } = useGround().connection;
  const state = useLinkState();
  const atMs = useSnapshot((snapshot) => snapshot.data?.atMs);
  const isSignedOut = useIsSignedOut();
  if (state.kind !== 'lost') return null;
  if (isSignedOut) {
    return (
      <Banner state="warning" title={words('common.signedOut.title')}>
        {words('common.signedOut.says')}
      </Banner>
    );
  }
  return (
    <Banner state="warning" title={words('common.lost.title')} acts={<Button onClick={link.retryNow}>{words('common.lost.retry')}</Button>}>
      {atMs === undefined ? words('common.lost.nothing') : words('common.lost.says', { time: format.timeWithSeconds(atMs) })}
    </Banner>
  );
}

/** Failures whose place on the page is gone stay here until they are read. */
function Notices() {
  const words = useWords();
  const notices = useNotices((state) => state.notices);
  return notices.map((notice) => (
    <Banner
      key={notice.id}
      state="bad"
      title={words('common.notice.title')}
      acts={
        <>
          {notice.jobId !== undefined && (
            <Button icon="list-checks" href={paths.job(notice.jobId)}>
              {words('jobs.page.act.openJob')}
            </Button>
          )}
          <Button onClick={() => readNotice(notice.id)}>{words('common.notice.read')}</Button>
        </>
      }
    >
      {sayFailure(words, notice.failure)}
    </Banner>
  ));
}

export function FrameBanners() {
  return (
    <div className="frame-banners">
      <LostBanner />
      <Notices />
    </div>
  );
}
