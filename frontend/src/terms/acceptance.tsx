import { useClient } from '@urql/preact';
import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { useAddress } from '../address.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Check } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { Body, Changes } from './body.tsx';
import { Differences, PieceFields } from './differences.tsx';
import { ReceiptFields, type Receipt } from './receipts.tsx';
import { texts } from './texts.ts';
import './terms.css';

const AcceptanceQuery = graphql(`
  query TermsToAccept {
    viewer {
      heldBack
      termsToAccept {
        id version publishedOn changes body bodySha256
        acceptedBefore { id version }
        differences { ...PieceFields }
      }
      establishmentsToAccept { id name }
    }
  }
`, [PieceFields]);

const AcceptTerms = graphql(`
  mutation AcceptTerms($input: AcceptTermsInput!) {
    acceptTerms(input: $input) {
      acceptances { ...ReceiptFields }
      results { id errors { code message path } }
      errors { code message path }
    }
  }
`, [ReceiptFields]);

type Waits = NonNullable<ResultOf<typeof AcceptanceQuery>['viewer']>;
type Terms = NonNullable<Waits['termsToAccept']>;

const words = texts.acceptance;

/** The terms in force, what they change, and one act to accept them for one's establishments. */
export default function Acceptance() {
  const { data, error, again } = useAnswer(AcceptanceQuery, {});
  const waits = data?.viewer;
  const version = waits?.termsToAccept;
  return (
    <Page title={version && !version.acceptedBefore ? words.first : words.title} className="page-text">
      {error && !waits && <Failure error={error} again={again} />}
      {!waits && !error && <Waiting lines={8} />}
      {waits && !version && <UpToDate />}
      {waits && version && (
        <>
          <p class="lead">{waits.heldBack ? words.lead : words.leadElsewhere}</p>
          <p><strong>{texts.version(version.version, inWords(version.publishedOn))}</strong></p>
          <Reading version={version} />
          <Act termsId={version.id} establishments={waits.establishmentsToAccept} />
        </>
      )}
    </Page>
  );
}

function UpToDate() {
  return (
    <div class="empty">
      <Check />
      <p><strong>{words.upToDate}</strong></p>
      <p class="actions"><Link class="button button-strong" href="/">{words.home}</Link></p>
    </div>
  );
}

function Reading({ version }: { version: Terms }) {
  return (
    <>
      {version.changes && (
        <section class="card" aria-labelledby="changes">
          <h2 id="changes">{texts.changes}</h2>
          <Changes text={version.changes} />
        </section>
      )}
      {version.acceptedBefore && (
        <section class="card" aria-labelledby="differences">
          <h2 id="differences">{texts.difference.title(version.acceptedBefore.version)}</h2>
          <Differences pieces={version.differences} />
        </section>
      )}
      <section class="card" aria-labelledby="full-text">
        <h2 id="full-text">{texts.fullText}</h2>
        <div class="terms-text" tabIndex={0} role="group" aria-labelledby="full-text"><Body text={version.body} /></div>
        <p class="soft">{texts.fingerprint} : <span class="terms-hash">{version.bodySha256}</span></p>
      </section>
    </>
  );
}

function Act({ termsId, establishments }: { termsId: string; establishments: Waits['establishmentsToAccept'] }) {
  const client = useClient();
  const address = useAddress();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const chosen = establishments.filter(({ id }) => !left.has(id));
  const isSeveral = establishments.length > 1;
  const accept = async (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    if (!chosen.length) return setErrors([{ field: 'establishments', message: words.chooseOne }]);
    setBusy(true);
    const { data } = await change(client, AcceptTerms, { input: { termsId, establishmentIds: chosen.map(({ id }) => id) } });
    setBusy(false);
    const answer = data?.acceptTerms;
    const refused = answer ? [...answer.errors, ...answer.results.flatMap((result) => result.errors)].filter(({ code }) => code !== 'ALREADY_ACCEPTED') : [];
    if (!answer) return setErrors([{ field: null, message: words.failed }]);
    if (refused.length) return setErrors(refused.map(({ message }) => ({ field: null, message })));
    // Held back on the way to a screen, one goes on to it afterwards.
    const next = address.path === '/conditions/accepter' ? '/' : address.full;
    address.navigate('/conditions/acceptees', { state: { receipts: answer.acceptances satisfies readonly Receipt[], next } });
  };
  const only = chosen[0];
  return (
    <form class="card act" aria-labelledby="act" noValidate onSubmit={(event) => void accept(event)}>
      <h2 id="act">{words.act}</h2>
      <ErrorSummary errors={errors} />
      {isSeveral && (
        <fieldset id="establishments" tabIndex={-1}>
          <legend>{words.which}</legend>
          {establishments.map(({ id, name }) => (
            <label key={id}>
              <input type="checkbox" checked={!left.has(id)} onChange={() => setLeft((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]))} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="soft">{words.kept}</p>
      <button type="submit" class="button button-strong" aria-disabled={isBusy}>
        {chosen.length === 1 && only ? words.accept(only.name) : chosen.length ? words.acceptSeveral(chosen.length) : words.accept('…')}
      </button>
      <p class="soft">{words.help} {words.helpBody}</p>
    </form>
  );
}
