import { useGround, useLinkState } from '../../lib/use-core.ts';
import { useIsSignedOut } from '../../lib/use-is-signed-out.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';

/** The first page stands outside the frame, so it tells of a lost link itself. */
export function LostLine() {
  const words = useWords();
  const { link } = useGround().connection;
  const isSignedOut = useIsSignedOut();
  if (useLinkState().kind !== 'lost') return null;
  return (
    <div className="fr-lost">
      {isSignedOut ? (
        <Banner state="warning" title={words('common.signedOut.title')}>
          {words('common.signedOut.says')}
        </Banner>
      ) : (
        <Banner
          state="warning"
          title={words('common.lost.title')}
          acts={<Button onClick={link.retryNow}>{words('common.lost.retry')}</Button>}
        >
          {words('common.failure.LINK_LOST')}
        </Banner>
      )}
    </div>
  );
}
