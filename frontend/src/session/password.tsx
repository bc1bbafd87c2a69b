import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { withTime } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, fieldErrors, PasswordField, type FieldError } from '../ui/form.tsx';
import { Check, Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { texts as common } from '../ui/texts.ts';
import { Waiting } from '../ui/waiting.tsx';
import { onward } from './onward.ts';
import { texts } from './texts.ts';

const PasswordLinkQuery = graphql(`
  query PasswordLink($token: String!) {
    passwordLink(token: $token) { identifier establishmentName purpose expiresAt }
  }
`);

const SetPassword = graphql(`
  mutation SetPassword($input: SetPasswordInput!) {
    setPassword(input: $input) { identifier errors { code message path } }
  }
`);

const words = texts.password;

/** Where the link of an invitation or of a forgotten password leads. */
export default function Password() {
  const search = useQuery();
  const token = new URLSearchParams(search).get('jeton') ?? '';
  const { data, error, again } = useAnswer(PasswordLinkQuery, { token }, { pause: !token });
  const [done, setDone] = useState<string | null>(null);
  const [isDead, setDead] = useState(false);
  const link = data?.passwordLink;

  if (done) return <Page title={words.doneTitle} className="page-narrow"><Done identifier={done} next={onward('/connexion', search)} /></Page>;
  if (!token || isDead || (data && !link)) return <Page title={words.dead} className="page-narrow"><Dead /></Page>;
  if (error && !data) return <Page title={words.generic} className="page-narrow"><Failure error={error} again={again} /></Page>;
  if (!link) return <Page title={words.generic} className="page-narrow"><Waiting /></Page>;
  return (
    <Page key={link.purpose} title={link.purpose === 'INVITATION' ? words.invitation : words.reset} className="page-narrow">
      <dl class="facts">
        <div><dt>{words.identifier}</dt><dd><strong>{link.identifier}</strong></dd></div>
        <div><dt>{words.establishment}</dt><dd>{link.establishmentName}</dd></div>
      </dl>
      <PasswordForm token={token} identifier={link.identifier} onDone={setDone} onDead={() => setDead(true)} />
      <p class="soft">{words.validUntil(withTime(link.expiresAt))}</p>
    </Page>
  );
}

interface PasswordFormProps { token: string; identifier: string; onDone: (identifier: string) => void; onDead: () => void }

function PasswordForm({ token, identifier, onDone, onDead }: PasswordFormProps) {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get('password') ?? '');
    if (!password) return setErrors([{ field: 'password', message: words.missing }]);
    if ([...password].length < 12) return setErrors([{ field: 'password', message: words.tooShort }]);
    const { data, error } = await change(client, SetPassword, { input: { token, password } });
    if (!data) return setErrors([{ field: null, message: error?.networkError ? common.failure.network.title : common.failure.internal.title }]);
    const refusals = data.setPassword.errors;
    if (refusals.some((refusal) => refusal.code === 'LINK_INVALID')) return onDead();
    if (refusals.length) return setErrors(fieldErrors(refusals, ['password']).map((each) => ({ ...each, field: 'password' })));
    onDone(data.setPassword.identifier ?? identifier);
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <form class="card form" onSubmit={submit} noValidate method="post">
        {/* For password managers, which file the password under the identifier. */}
        <input type="text" name="username" autocomplete="username" value={identifier} readOnly hidden />
        <PasswordField name="password" label={words.password} hint={words.rule} words={words} errors={errors}
          input={{ autocomplete: 'new-password', required: true, minLength: 12 }} />
        <button type="submit" class="button button-strong button-wide">{words.submit}</button>
      </form>
    </>
  );
}

function Dead() {
  return (
    <>
      <div class="notice notice-warn"><Warning /><p>{words.deadBody}</p></div>
      <ul>
        <li>{words.deadInvitation}</li>
        <li>{words.deadReset} <Link href="/mot-de-passe-oublie">{words.askAgain}</Link>.</li>
      </ul>
    </>
  );
}

function Done({ identifier, next }: { identifier: string; next: string }) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.focus(), []);
  return (
    <div class="notice notice-good">
      <Check />
      <div>
        <p tabIndex={-1} ref={line}>{words.done(identifier)}</p>
        <Link class="button button-strong" href={next}>{words.toSignIn}</Link>
      </div>
    </div>
  );
}
