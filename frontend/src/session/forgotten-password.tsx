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
import { onward, wantedPath } from './onward.ts';
import { texts } from './texts.ts';

const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) { message errors { code message path } }
  }
`);

const words = texts.forgotten;

export default function ForgottenPassword() {
  const client = useClient();
  const search = useQuery();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [answer, setAnswer] = useState<string | null>(null);
  const sent = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (answer) sent.current?.focus();
  }, [answer]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const identifier = typed(event.currentTarget as HTMLFormElement, 'identifier');
    if (!identifier) return setErrors([{ field: 'identifier', message: words.missing }]);
    const { data, error } = await change(client, RequestPasswordReset, { input: { identifier, returnTo: wantedPath(search) } });
    if (!data) return setErrors([{ field: null, message: error?.networkError ? common.failure.network.title : common.failure.internal.title }]);
    const refused = fieldErrors(data.requestPasswordReset.errors, ['identifier']);
    setErrors(refused);
    if (!refused.length) setAnswer(data.requestPasswordReset.message);
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
            <Field name="identifier" label={words.identifier} errors={errors}
              input={{ autocomplete: 'username', autocapitalize: 'off', spellcheck: false, required: true }} />
            <button type="submit" class="button button-strong button-wide">{words.submit}</button>
          </form>
        </>
      )}
      {!answer && <p><Link href={onward('/identifiant-oublie', search)}>{words.forgottenIdentifier}</Link></p>}
      <p><Link href={onward('/connexion', search)}>{words.back}</Link></p>
    </Page>
  );
}
