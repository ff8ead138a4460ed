import type { CertificateView } from '#contract/api/certificates.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { Row, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { fingerprintText, nameOf } from './certificate-view.ts';

/** More names than this are a number. */
const SHOWN_SERVERS = 8;

type Props = { readonly certificate: CertificateView; readonly onRenew: () => void };

/** All that can be told of one certificate, and its file. */
export function CertificateDetail({ certificate, onRenew }: Props) {
  const words = useWords();
  const format = useFormat();
  const core = useCore();
  const host = useHost();
  const isAuthority = certificate.kind === 'site-authority';
  const save = useCall(async (_key) => {
    const file = isAuthority
      ? await core.certificates.siteAuthority()
      : await core.certificates.download({ certificateId: certificate.id });
    return host.saveFile(file.fileName, file.mediaType, file.text);
  });
  const fingerprint = fingerprintText(certificate.fingerprintSha256);
  return (
    <Panel
      title={nameOf(words, certificate)}
      look="open"
      foot={<span className="small">{words('certificates.detail.downloadSays')}</span>}
      label={words('certificates.detail.title', { name: nameOf(words, certificate) })}
    >
      <Stack>
        <p className="soft">{words(`certificates.kind.${certificate.kind}.says`)}</p>
        <Facts
          facts={[
            ...(isAuthority
              ? []
              : [
                  {
                    id: 'names',
                    name: words('certificates.detail.names'),
                    value: <span className="breaks">{escapeText(certificate.names.join(', '))}</span>,
                  },
                ]),
            {
              id: 'validity',
              name: words('certificates.detail.validity'),
              value: words('certificates.detail.validityValue', {
                from: format.date(certificate.notBeforeMs),
                until: format.date(certificate.notAfterMs),
              }),
            },
            {
              id: 'issuer',
              name: words('certificates.detail.issuer'),
              value: <span className="breaks">{escapeText(certificate.issuer)}</span>,
            },
            {
              id: 'trusted',
              name: words('certificates.detail.trusted'),
              value: words(certificate.isPubliclyTrusted ? 'certificates.detail.trusted.yes' : 'certificates.detail.trusted.no'),
            },
            {
              id: 'servers',
              name: words('certificates.detail.servers'),
              value:
                certificate.servers.length === 0
                  ? words('certificates.detail.noServers', { kind: isAuthority ? 'authority' : 'wildcard' })
                  : certificate.servers
                      .slice(0, SHOWN_SERVERS)
                      .map((name, index) => (
                        <span key={name}>
                          {index > 0 && ', '}
                          <a className="link" href={paths.server(name)}>
                            {name}
                          </a>
                        </span>
                      ))
                      .concat(
                        certificate.servers.length > SHOWN_SERVERS
                          ? [
                              <span key="">
                                {' '}
                                {words('certificates.detail.moreServers', { count: certificate.servers.length - SHOWN_SERVERS })}
                              </span>,
                            ]
                          : [],
                      ),
            },
            { id: 'key', name: words('certificates.detail.key'), value: escapeText(certificate.keyKind) },
            {
              id: 'serial',
              name: words('certificates.detail.serial'),
              value: <span className="mono small breaks">{escapeText(certificate.serialNumber)}</span>,
            },
            {
              id: 'fingerprint',
              name: words('certificates.detail.fingerprint'),
              value: (
                <Row>
                  <span className="mono small breaks">{fingerprint}</span>
                  <CopyButton
                    text={fingerprint}
                    label={words('certificates.detail.fingerprint.copy')}
                    copiedLabel={words('certificates.detail.copied')}
                    onCopy={host.copyText}
                  />
                </Row>
              ),
            },
          ]}
        />
        {save.failure !== undefined && <Banner state="bad" title={sayFailure(words, save.failure)} />}
        <div className="row">
          <Button icon="download" isBusy={save.isBusy} onClick={() => void save.run()}>
            {words(isAuthority ? 'certificates.authority.download' : 'certificates.detail.download')}
          </Button>
          {certificate.kind === 'test-wildcard' && (
            <Button icon="rotate-cw" onClick={onRenew}>
              {words('certificates.renew.act')}
            </Button>
          )}
        </div>
      </Stack>
    </Panel>
  );
}
