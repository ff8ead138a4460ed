import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { likelySystem, trustSteps, trustSystems } from '../../lib/trust-steps.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Segments } from '../../ui/segments.tsx';
import './instances.css';

function Steps({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const [system, setSystem] = useState(() => likelySystem(navigator.userAgent));
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
        <Segments
          label={words('certificates.authority.systems')}
          size="small"
          value={system}
          onChange={(id) => setSystem(trustSystems.find((known) => known === id) ?? 'windows')}
          segments={trustSystems.map((id) => ({ id, text: trustSteps(words, id).title }))}
        />
        <ol className="numbered">
          {trustSteps(words, system).steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
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
