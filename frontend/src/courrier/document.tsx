import { useClient } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { sameOriginPath } from '../address.ts';
import { size } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Download, NewTab } from '../ui/icons.tsx';
import { texts as common } from '../ui/texts.ts';
import { lazily } from '../ui/lazy.tsx';
import { texts } from './texts.ts';

export const DocumentFields = graphql(`
  fragment DocumentFields on Document @_unmask { fileName mediaType size pageCount sha256 viewUrl downloadUrl textUrl }
`);
type DocumentData = ResultOf<typeof DocumentFields>;

const FreshDocumentQuery = graphql(`
  query FreshDocument($id: ID!) {
    node(id: $id) {
      __typename
      ... on Courrier { id document { sha256 viewUrl downloadUrl textUrl } attachments { sha256 viewUrl downloadUrl textUrl } }
    }
  }
`);

const DocumentText = lazily(async () => (await import('./text.tsx')).default, 'section');

/** How long a signed address is trusted: a little less than it is good for. */
export const FRESH_FOR = 4 * 60_000;
const words = texts.one;

/** The signed address of a document, asked for again when it is too old to be trusted. */
function useSigned(id: string, document: DocumentData, kind: 'viewUrl' | 'downloadUrl' | 'textUrl') {
  const client = useClient();
  const address = document[kind];
  const signedAt = useRef(Date.now());
  useEffect(() => {
    signedAt.current = Date.now();
  }, [address]);
  const fresh = async () => {
    const { data } = await client.query(FreshDocumentQuery, { id }, { requestPolicy: 'network-only' }).toPromise();
    const courrier = data?.node?.__typename === 'Courrier' ? data.node : null;
    return courrier && [courrier.document, ...courrier.attachments].find((each) => each.sha256 === document.sha256)?.[kind];
  };
  return { address, isOld: () => Date.now() - signedAt.current > FRESH_FOR, fresh };
}

interface SignedLinkProps { id: string; document: DocumentData; kind: 'viewUrl' | 'downloadUrl'; onSeen: () => void; className: string; children: preact.ComponentChildren }

/** A link to a document's signed address, which is renewed at the click when it has aged. */
function SignedLink({ id, document, kind, onSeen, className, children }: SignedLinkProps) {
  const { address, isOld, fresh } = useSigned(id, document, kind);
  if (!address) return null;
  const follow = async (event: MouseEvent) => {
    setTimeout(onSeen, 1500);
    if (!isOld()) return;
    event.preventDefault();
    const tab = kind === 'viewUrl' ? open('about:blank') : null;
    const renewed = await fresh();
    if (!renewed) tab?.close();
    else if (tab) tab.location.href = sameOriginPath(renewed);
    else location.assign(sameOriginPath(renewed));
  };
  return (
    <a class={className} href={sameOriginPath(address)} onClick={(event) => void follow(event)}
      {...(kind === 'viewUrl' ? { target: '_blank', rel: 'noopener' } : { download: document.fileName })}>
      {children}
    </a>
  );
}

interface DocumentFrameProps { isText: boolean; onText: (isShown: boolean) => void; id: string; subject: string; document: DocumentData; onSeen: () => void }

/** The PDF shown in the page, its download above. The frame keeps the first address it was given: a renewed one would load it again. */
export function DocumentFrame({ isText, onText, id, subject, document, onSeen }: DocumentFrameProps) {
  const shown = useRef(`${sameOriginPath(document.viewUrl!)}#navpanes=0`);
  const text = useSigned(id, document, 'textUrl');
  const details = [size(document.size), document.pageCount && words.pages(document.pageCount)].filter(Boolean).join(', ');
  return (
    <>
      <div class="actions">
        <SignedLink id={id} document={document} kind="downloadUrl" onSeen={onSeen} className="button button-strong">
          <Download /> {words.download} <span class="button-detail">({details})</span>
        </SignedLink>
        <SignedLink id={id} document={document} kind="viewUrl" onSeen={onSeen} className="button">
          <NewTab /> {words.open}
        </SignedLink>
        <button type="button" class="button" aria-expanded={isText} onClick={() => onText(!isText)}>{isText ? texts.text.hide : texts.text.show}</button>
      </div>
      {isText && <DocumentText address={async () => (text.isOld() ? text.fresh() : text.address)} onSeen={onSeen} />}
      <iframe class="letter-frame" title={words.frame(subject)} src={shown.current} onLoad={onSeen} />
      <p class="soft">{words.frameHelp}</p>
    </>
  );
}

export function Attachments({ id, documents, onSeen }: { id: string; documents: readonly DocumentData[]; onSeen: () => void }) {
  if (!documents.length) return null;
  return (
    <>
      <h3>{words.attachments}</h3>
      <ul class="attachments">
        {documents.map((document) => (
          <li key={document.sha256}>
            {document.downloadUrl
              ? <SignedLink id={id} document={document} kind="downloadUrl" onSeen={onSeen} className="button"><Download /> {document.fileName}</SignedLink>
              : <span>{document.fileName || common.none}</span>}{' '}
            <span class="soft">{size(document.size)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
