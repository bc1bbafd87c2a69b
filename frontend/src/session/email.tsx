import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { withTime } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, fieldErrors, type FieldError } from '../ui/form.tsx';
import { Check, Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { texts as common } from '../ui/texts.ts';
import { Waiting } from '../ui/waiting.tsx';
import { useSession } from './session.tsx';
import { texts } from './texts.ts';

const EmailLinkQuery = graphql(`
  query EmailLink($token: String!) { emailLink(token: $token) { newEmail establishmentName expiresAt } }
`);

const ConfirmEmail = graphql(`
  mutation ConfirmEmail($input: ConfirmEmailInput!) { confirmEmail(input: $input) { email errors { code message path } } }
`);

const words = texts.email;

/** Where the link sent to a new address leads. Opening it changes nothing, mail filters open links too: a button does (R-ACC-07). */
export default function Email() {
  const client = useClient();
  const token = new URLSearchParams(useQuery()).get('jeton') ?? '';
  const [done, setDone] = useState<string | null>(null);
  const [isDead, setDead] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const { data, error, again } = useAnswer(EmailLinkQuery, { token }, { pause: !token });
  const link = data?.emailLink;

  const confirm = async () => {
    if (isBusy) return;
    setBusy(true);
    const answer = await change(client, ConfirmEmail, { input: { token } });
    setBusy(false);
    if (!answer.data) return setErrors([{ field: null, message: answer.error?.networkError ? common.failure.network.title : common.failure.internal.title }]);
    const { email, errors: refusals } = answer.data.confirmEmail;
    if (refusals.some((refusal) => refusal.code === 'LINK_INVALID')) return setDead(true);
    setErrors(fieldErrors(refusals, []));
    if (email) setDone(email);
  };

  if (done) return <Page key="done" title={words.doneTitle} className="page-narrow"><Done email={done} /></Page>;
  if (!token || isDead || (data && !link)) return <Page key="dead" title={words.dead} className="page-narrow"><Dead isLate={isDead} /></Page>;
  if (error && !data) return <Page title={words.title} className="page-narrow"><Failure error={error} again={again} /></Page>;
  if (!link) return <Page title={words.title} className="page-narrow"><Waiting /></Page>;
  return (
    <Page title={words.title} className="page-narrow">
      <p class="lead">{words.lead}</p>
      <ErrorSummary errors={errors} />
      <div class="card form">
        <dl class="facts">
          <div><dt>{words.newEmail}</dt><dd><strong>{link.newEmail}</strong></dd></div>
          <div><dt>{words.establishment}</dt><dd>{link.establishmentName}</dd></div>
        </dl>
        <button type="button" class="button button-strong button-wide" aria-disabled={isBusy || undefined} onClick={() => void confirm()}>{words.submit}</button>
      </div>
      <p class="soft">{words.validUntil(withTime(link.expiresAt))} {words.unexpected}</p>
    </Page>
  );
}

/** The focus is only taken when the button led here, not when the page opens so. */
function Dead({ isLate }: { isLate: boolean }) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (isLate) line.current?.focus();
  }, []);
  return (
    <>
      <div class="notice notice-warn"><Warning /><p tabIndex={-1} ref={line}>{words.deadBody}</p></div>
      <ul>
        <li>{words.deadUsed}</li>
        <li>{words.deadOtherwise} <Link href="/mes-informations#coordonnees">{words.details}</Link>.</li>
      </ul>
    </>
  );
}

function Done({ email }: { email: string }) {
  const { viewer } = useSession();
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.focus(), []);
  return (
    <div class="notice notice-good">
      <Check />
      <div>
        <p tabIndex={-1} ref={line}>{words.done(email)}</p>
        <p>{words.told}</p>
        {viewer
          ? <Link class="button button-strong" href="/mes-informations">{words.toDetails}</Link>
          : <Link class="button button-strong" href="/connexion">{words.toSignIn}</Link>}
      </div>
    </div>
  );
}
