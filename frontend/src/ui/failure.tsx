import type { CombinedError } from '@urql/preact';
import { Link } from 'wouter-preact';
import { codesOf } from '../graph.ts';
import { Info, Warning } from './icons.tsx';
import { texts } from './texts.ts';

type Kind = 'network' | 'internal' | 'forbidden' | 'missing';

function kindOf(error: CombinedError): Kind {
  if (error.networkError) return 'network';
  const codes = codesOf(error);
  if (codes.includes('NOT_ALLOWED') || codes.includes('FORBIDDEN')) return 'forbidden';
  if (codes.includes('NOT_FOUND')) return 'missing';
  return 'internal';
}

/** What a screen shows when its query failed, with the way to try again where trying again can help. */
export function Failure({ error, again }: { error: CombinedError; again: () => void }) {
  const kind = kindOf(error);
  if (kind === 'forbidden' || kind === 'missing') return <Refusal kind={kind} />;
  const words = texts.failure[kind];
  return (
    <div class="notice notice-bad" role="alert">
      <Warning />
      <div>
        <h2>{words.title}</h2>
        <p>{words.body}</p>
        <button type="button" class="button" onClick={again}>{texts.retry}</button>
      </div>
    </div>
  );
}

/** The thing is not there, or not for this person. */
export function Refusal({ kind }: { kind: 'forbidden' | 'missing' }) {
  const words = texts.failure[kind];
  return (
    <div class="notice">
      <Info />
      <div>
        <h2>{words.title}</h2>
        <p>{words.body}</p>
        <p><Link href="/">{texts.notFound.home}</Link></p>
      </div>
    </div>
  );
}
