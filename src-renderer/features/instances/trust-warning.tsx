import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useTrustGuide } from '../../lib/use-trust-guide.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Guide } from '../../ui/guide.tsx';
import { Icon } from '../../ui/icon.tsx';
import './instances.css';

function Steps({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const guide = useTrustGuide();
  const save = useCall(async (_key) => {
    const file = await core.certificates.siteAuthority();
    return host.saveFile(file.fileName, file.mediaType, file.text);
  });
  return (
    <Dialog
      isOpen
      size="wide"
      onClose={onClose}
      title={words('certificates.authority.title')}
      foot={
        <>
          <Button onClick={onClose}>{words('common.close')}</Button>
          <Button look="primary" icon="download" isBusy={save.isBusy} onClick={() => void save.run()}>
            {words('wizard.trust.download')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="soft">{words('certificates.authority.says')}</p>
        {save.failure !== undefined && <Banner state="bad" title={sayFailure(words, save.failure)} />}
        <Guide {...guide} />
      </div>
    </Dialog>
  );
}

/** Said before the click, beside the button: a browser that does not trust the site authority will warn. File and steps are one press away. */
export function TrustWarning() {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="trust-note">
      <Icon name="lock" />
      <div>
        <b>{words('wizard.trust.title')}</b>
        <p>
          {words('wizard.trust.says')}{' '}
          <button type="button" className="link wizard-take" onClick={() => setOpen(true)}>
            {words('wizard.trust.steps')}
          </button>
        </p>
      </div>
      {isOpen && <Steps onClose={() => setOpen(false)} />}
    </div>
  );
}
