import { Link, Redirect } from 'wouter-preact';
import { useHistoryState } from 'wouter-preact/use-browser-location';
import { safePath } from '../address.ts';
import { Page } from '../ui/page.tsx';
import { Receipts, type Receipt } from './receipts.tsx';
import { texts } from './texts.ts';
import './terms.css';

const words = texts.accepted;

/** It is done: who accepted for each establishment, and the receipts. */
export default function Accepted() {
  const state = useHistoryState<{ receipts?: Receipt[]; next?: string } | null>();
  if (!state?.receipts?.length) return <Redirect to="/etablissement/conditions" replace />;
  return (
    <Page title={words.title} className="page-text">
      <p class="lead" role="status">{words.lead}</p>
      <Receipts receipts={state.receipts} />
      <p>{words.again}</p>
      <p class="actions"><Link class="button button-strong" href={safePath(state.next ?? null)}>{words.continue}</Link></p>
    </Page>
  );
}
