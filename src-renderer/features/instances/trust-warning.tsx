import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { likelySystem, trustSteps, trustSystems } from '../../lib/trust-steps.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { Fold } from '../../ui/fold.tsx';
import { SmallSelect } from '../../ui/select-field.tsx';
import { Icon } from '../../ui/icon.tsx';

/** Said before the click: a browser that does not trust the site authority will warn. The file and the steps are here. */
export function TrustWarning() {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const [system, setSystem] = useState(() => likelySystem(navigator.userAgent));
  const save = useCall(async (_key) => {
    const file = await core.certificates.siteAuthority();
    return host.saveFile(file.fileName, file.mediaType, file.text);
  });
  return (
    <div className="wizard-after wizard-trust">
      <p>
        <Icon name="lock" />
        <b>{words('wizard.trust.title')}</b>
      </p>
      <span>{words('wizard.trust.says')}</span>
      <Fold title={words('wizard.trust.steps')}>
        <div className="wizard-trust-steps">
          <Button size="small" icon="download" isBusy={save.isBusy} onClick={() => void save.run()}>
            {words('wizard.trust.download')}
          </Button>
          {save.failure !== undefined && <span role="alert">{sayFailure(words, save.failure)}</span>}
          <SmallSelect
            label={words('certificates.authority.systems')}
            value={system}
            onChange={(id) => setSystem(trustSystems.find((known) => known === id) ?? 'windows')}
            options={trustSystems.map((id) => ({ id, text: trustSteps(words, id).title }))}
          />
          <ol className="numbered">
            {trustSteps(words, system).steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      </Fold>
    </div>
  );
}
