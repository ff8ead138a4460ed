import { useGround, useLinkState } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';

/** The first page stands outside the frame, so it tells of a lost link itself. */
export function LostLine() {
  const words = useWords();
  const { link } = useGround().connection;
  if (useLinkState().kind !== 'lost') return null;
  return (
    <div className="fr-lost">
      <Banner
        state="warning"
        title={words('common.lost.title')}
        acts={<Button onClick={link.retryNow}>{words('common.lost.retry')}</Button>}
      >
        {words('common.failure.LINK_LOST')}
      </Banner>
    </div>
  );
}
