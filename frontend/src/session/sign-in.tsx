import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { ErrorSummary, Field, fieldErrors, PasswordField, typed, type FieldError } from '../ui/form.tsx';
import { Info } from '../ui/icons.tsx';
import { lazily } from '../ui/lazy.tsx';
import { Page } from '../ui/page.tsx';
import { texts as common } from '../ui/texts.ts';
import { onward } from './onward.ts';
import { useSession } from './session.tsx';
import { texts } from './texts.ts';

const LogIn = graphql(`
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) { askWhom errors { code message path } viewer { isOperator } challenge { token methods passkeyOptions } }
  }
`);

type Challenge = NonNullable<ResultOf<typeof LogIn>['logIn']['challenge']>;
const SecondStep = lazily(async () => (await import('../second-factor/sign-in-step.tsx')).default);

const words = texts.signIn;

export function SignIn() {
  const client = useClient();
  const { renew, hasEnded, hasSignedOut } = useSession();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [askWhom, setAskWhom] = useState<string[]>([]);
  const [isPending, setPending] = useState(false);
  const search = useQuery();
  const [challenge, setChallenge] = useState<Challenge | null>(null);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget as HTMLFormElement;
    const identifier = typed(form, 'identifier');
    const password = String(new FormData(form).get('password') ?? '');
    const missing: FieldError[] = [];
    if (!identifier) missing.push({ field: 'identifier', message: words.missingIdentifier });
    if (!password) missing.push({ field: 'password', message: words.missingPassword });
    setAskWhom([]);
    setErrors(missing);
    if (missing.length) return;
    setPending(true);
    const { data, error } = await change(client, LogIn, { input: { identifier, password, transport: 'COOKIE' } });
    setPending(false);
    if (!data) {
      setErrors([{ field: null, message: error?.networkError ? common.failure.network.title : common.failure.internal.title }]);
    } else if (data.logIn.errors.length) {
      setAskWhom(data.logIn.askWhom);
      setErrors(fieldErrors(data.logIn.errors, ['identifier', 'password']).map((each) => ({ ...each, field: each.field ?? 'identifier' })));
    } else if (data.logIn.challenge) {
      setChallenge(data.logIn.challenge);
    } else {
      renew('signed-in');
    }
  };
  if (challenge) {
    return <SecondStep challenge={challenge} onDone={() => renew('signed-in')} onDead={(refusals) => {
      setChallenge(null);
      setErrors(refusals.map(({ message }) => ({ field: null, message })));
    }} />;
  }

  return (
    <Page title={words.title} className="page-narrow">
      <p class="lead">{words.lead}</p>
      {(hasEnded || hasSignedOut) && errors.length === 0 && (
        <div class="notice" role="status"><Info /><p>{hasEnded ? words.ended : words.signedOut}</p></div>
      )}
      <ErrorSummary errors={errors}>
        {askWhom.length > 0 && <><p>{words.askWhom}</p><ul>{askWhom.map((name) => <li key={name}>{name}</li>)}</ul></>}
      </ErrorSummary>
      <form class="card form" onSubmit={submit} noValidate method="post">
        <Field name="identifier" label={words.identifier} hint={words.identifierHint} errors={missingOnly(errors, 'identifier')}
          input={{ autocomplete: 'username', autocapitalize: 'off', spellcheck: false, required: true }} />
        <PasswordField name="password" label={words.password} words={words} errors={missingOnly(errors, 'password')}
          input={{ autocomplete: 'current-password', required: true }} />
        <button type="submit" class="button button-strong button-wide" aria-disabled={isPending || undefined}>{isPending ? words.pending : words.submit}</button>
        <p class="sign-in-help">
          <Link href={onward('/mot-de-passe-oublie', search)}>{words.forgotten}</Link>
          <Link href={onward('/identifiant-oublie', search)}>{words.forgottenIdentifier}</Link>
        </p>
      </form>
      <p class="soft">{words.noAccess}</p>
    </Page>
  );
}

/** A refusal is about the pair, so it is said above; beside a field, only what is missing from it. */
function missingOnly(errors: FieldError[], field: string): FieldError[] {
  return errors.filter((error) => error.field === field && (error.message === words.missingIdentifier || error.message === words.missingPassword));
}
