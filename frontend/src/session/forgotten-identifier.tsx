import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { ErrorSummary, Field, fieldErrors, typed, type FieldError } from '../ui/form.tsx';
import { Check } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { texts as common } from '../ui/texts.ts';
import { onward } from './onward.ts';
import { texts } from './texts.ts';

const RecoverIdentifier = graphql(`
  mutation RecoverIdentifier($input: RecoverIdentifierInput!) {
    recoverIdentifier(input: $input) { message errors { code message path } }
  }
`);

const words = texts.forgottenIdentifier;

/** Sends an address the identifiers it has; the answer never says whether it has any (R-ACC-15). */
export default function ForgottenIdentifier() {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [answer, setAnswer] = useState<string | null>(null);
  const sent = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (answer) sent.current?.focus();
  }, [answer]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const email = typed(event.currentTarget as HTMLFormElement, 'email');
    if (!email) return setErrors([{ field: 'email', message: words.missing }]);
    if (!/^\S+@\S+\.\S+$/.test(email)) return setErrors([{ field: 'email', message: words.badEmail }]);
    const { data, error } = await change(client, RecoverIdentifier, { input: { email } });
    if (!data) return setErrors([{ field: null, message: error?.networkError ? common.failure.network.title : common.failure.internal.title }]);
    const refused = fieldErrors(data.recoverIdentifier.errors, ['email']);
    setErrors(refused);
    if (!refused.length) setAnswer(data.recoverIdentifier.message);
  };

  return (
    <Page title={words.title} className="page-narrow">
      {answer ? (
        <div class="notice notice-good">
          <Check />
          <div>
            <h2 tabIndex={-1} ref={sent}>{words.sentTitle}</h2>
            <p>{answer}</p>
            <p>{words.notReceived}</p>
          </div>
        </div>
      ) : (
        <>
          <p class="lead">{words.lead}</p>
          <ErrorSummary errors={errors} />
          <form class="card form" onSubmit={submit} noValidate method="post">
            <Field name="email" label={words.email} hint={words.emailHint} errors={errors}
              input={{ type: 'email', autocomplete: 'email', autocapitalize: 'off', spellcheck: false, required: true }} />
            <button type="submit" class="button button-strong button-wide">{words.submit}</button>
          </form>
        </>
      )}
      <p><Link href={onward('/connexion', useQuery())}>{words.back}</Link></p>
    </Page>
  );
}
