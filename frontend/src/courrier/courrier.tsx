import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { UnreadableLetter } from '../access/unreadable.tsx';
import { Why } from '../access/why.tsx';
import { texts as accessTexts } from '../access/texts.ts';
import { forgetEverything, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { Archive, ArrowLeft, ChevronLeft, ChevronRight, Envelope, EnvelopeOpen, Info, Swap } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { Acknowledging, AcknowledgingFields } from './acknowledging.tsx';
import { Certificate, CertificateFields } from './certificate.tsx';
import { Attachments, DocumentFields, DocumentFrame } from './document.tsx';
import { Facts, FactsFields } from './facts.tsx';
import { Follow, FollowFields } from './follow.tsx';
import { asked } from './filters.ts';
import { Keys } from './keys-button.tsx';
import { OutcomeLine, useMarking } from './marking.tsx';
import { beside, leave, letterPath, NeighboursQuery, pageOf, placeOf, type Place } from './place.ts';
import { PastReaders } from './past-readers.tsx';
import { Due } from './rows.tsx';
import { fundName, texts } from './texts.ts';
import { Trace, TraceFields } from './trace.tsx';
import './courrier.css';

const CourrierQuery = graphql(`
  query Courrier($id: ID!) {
    node(id: $id) {
      __typename
      ... on Courrier {
        id subject reference dueOn isRead isReadByViewer isArchived
        type { id label } fund { code }
        document { ...DocumentFields }
        attachments { ...DocumentFields }
        ...FactsFields
        ...FollowFields
        ...AcknowledgingFields
        ...CertificateFields
      }
    }
    courrierTrace(id: $id) { ...TraceFields }
  }
`, [DocumentFields, FactsFields, FollowFields, AcknowledgingFields, CertificateFields, TraceFields]);

type Courrier = Extract<NonNullable<ResultOf<typeof CourrierQuery>['node']>, { __typename: 'Courrier' }>;
const words = texts.one;

/** Where one came from: the list with its filters, kept in the history so that a reload keeps it too. */
function listPath(isOperator: boolean): string {
  const from = (history.state as { from?: unknown } | null)?.from;
  return typeof from === 'string' ? from : isOperator ? '/operateur/courriers' : '/courriers';
}

export default function CourrierPage({ id }: { id: string }) {
  const { isOperator, user: person } = useViewer();
  const { data, error, again } = useAnswer(CourrierQuery, { id });
  const mayAsk = isOperator || person?.profile === 'ADMINISTRATOR';
  const client = useClient();
  const courrier = data?.node?.__typename === 'Courrier' ? data.node : undefined;
  const place = placeOf(new URLSearchParams(useQuery()));
  const page = place ? pageOf(place) : listPath(isOperator);
  useEffect(() => () => leave(id, page), [page]);
  const back = <div class="above above-letter"><Link id="retour" href={page}><ArrowLeft /> {words.back}</Link>{place && <Neighbours place={place} />}</div>;
  if (courrier) return <Letter courrier={courrier} back={back} isOperator={isOperator} onSeen={() => forgetEverything(client)} />;
  if (data?.courrierTrace) return <Trace trace={data.courrierTrace} back={back} beneath={mayAsk && <PastReaders id={id} reference={data.courrierTrace.reference} />} />;
  return (
    <Page title={words.section} above={back}>
      {error && !data ? <Failure error={error} again={again} /> : data ? <><UnreadableLetter />{mayAsk && <PastReaders id={id} reference="" />}</> : <Waiting lines={8} />}
    </Page>
  );
}

/** The letters before and after in the list this one was opened from, also beyond the borders of its page. */
function Neighbours({ place }: { place: Place }) {
  const { actingFor, establishments } = useViewer();
  const { data } = useAnswer(NeighboursQuery, { here: place.here, ...asked(new URLSearchParams(place.list), actingFor?.id, establishments.totalCount) });
  const [before, after] = [data?.viewer?.before.edges[0], data?.viewer?.after.edges[0]];
  if (!before && !after) return null;
  return (
    <nav class="neighbours" aria-label={words.neighbours}>
      {before && <Link id="courrier-precedent" class="button" title={before.node.subject} href={letterPath(before.node.id, beside(place, before.cursor, -1))}><ChevronLeft /> <span><span class="wide-only">{words.letter} </span>{words.previous}</span></Link>}
      {after && <Link id="courrier-suivant" class="button" title={after.node.subject} href={letterPath(after.node.id, beside(place, after.cursor, 1))}><span><span class="wide-only">{words.letter} </span>{words.next}</span> <ChevronRight /></Link>}
    </nav>
  );
}

interface LetterProps { courrier: Courrier; back: preact.ComponentChildren; isOperator: boolean; onSeen: () => void }

function Letter({ courrier, back, isOperator, onSeen }: LetterProps) {
  const { mark, outcome } = useMarking();
  const { user } = useViewer();
  const [isText, showText] = useState(false);
  const hasDocument = !!courrier.document.viewUrl;
  // Should the frame never say that it loaded (no PDF viewer in this browser), what is shown is brought up to date all the same.
  const hasLoaded = useRef(false);
  const seen = () => {
    hasLoaded.current = true;
    onSeen();
  };
  useEffect(() => {
    if (!hasDocument) return;
    const timer = setTimeout(() => !hasLoaded.current && onSeen(), 3000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Page title={courrier.subject} className="page-wide" above={back} documentTitle={`${courrier.subject}, ${fundName(courrier.fund.code)}`}>
      <ReadingFor establishment={courrier.establishment} />
      <p class="letter-line">
        <span class="fund">{fundName(courrier.fund.code)}</span>
        <span>{courrier.type.label}</span>
        {courrier.dueOn && <span>{texts.due.label('')}<Due day={courrier.dueOn} inFull /></span>}
        {isOperator && <span class={courrier.isRead ? 'tag tag-good' : 'tag tag-warn'}>{courrier.isRead ? words.state.read : words.state.unread}</span>}
        {courrier.isArchived && <span class="tag">{texts.archived}</span>}
      </p>
      {!isOperator && (
        <div class="actions">
          <button type="button" class="button" onClick={() => void mark([courrier], courrier.isReadByViewer ? 'unread' : 'read')}>
            {courrier.isReadByViewer ? <><Envelope /> {texts.mark.unreadOne}</> : <><EnvelopeOpen /> {texts.mark.readOne}</>}
          </button>
          <button type="button" class="button" onClick={() => void mark([courrier], courrier.isArchived ? 'unarchive' : 'archive')}>
            <Archive /> {courrier.isArchived ? texts.mark.unarchive : texts.mark.archive}
          </button>
        </div>
      )}
      <OutcomeLine outcome={outcome} />
      {!isOperator && (
        <p class="list-foot"><Keys keys={{
          j: () => document.getElementById('courrier-suivant')?.click(),
          k: () => document.getElementById('courrier-precedent')?.click(),
          u: () => document.getElementById('retour')?.click(),
          e: () => void mark([courrier], courrier.isArchived ? 'unarchive' : 'archive'),
          o: () => hasDocument && showText((isShown) => !isShown),
        }} /></p>
      )}
      <Acknowledging courrier={courrier} />
      <div class={hasDocument ? 'letter' : 'letter letter-bare'}>
        <section class="letter-document" aria-labelledby="letter-document">
          <h2 id="letter-document">{words.document}</h2>
          {hasDocument
            ? <DocumentFrame isText={isText} onText={showText} id={courrier.id} subject={courrier.subject} document={courrier.document} onSeen={seen} />
            : <div class="notice"><Info /><p>{isOperator ? words.operator : words.noDocument}</p></div>}
          <Attachments id={courrier.id} documents={courrier.attachments} onSeen={onSeen} />
        </section>
        <div class="letter-aside">
          <Facts courrier={courrier} />
          <Follow courrier={courrier} />
          <Certificate courrier={courrier} />
          {hasDocument && user && <Why userId={user.id} courrierId={courrier.id} about={courrier.subject} label={accessTexts.letter.reader} />}
        </div>
      </div>
      {(isOperator || user?.profile === 'ADMINISTRATOR') && <PastReaders id={courrier.id} reference={courrier.reference} />}
    </Page>
  );
}

/** For whom one reads a letter of another establishment than the one acted for, opened from the list over all (R-DEL-06). */
function ReadingFor({ establishment: { id, name } }: { establishment: { id: string; name: string } }) {
  const { isOperator, user, actingFor } = useViewer();
  if (isOperator || !actingFor || id === actingFor.id) return null;
  return <p class="notice reading-for"><Swap /> <span><strong>{words.readingFor(name)}</strong>{id === user?.establishment.id ? words.readingAtHome : words.readingHelp}</span></p>;
}
