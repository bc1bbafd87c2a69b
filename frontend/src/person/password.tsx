import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { texts as session } from '../session/texts.ts';
import { useViewer } from '../session/session.tsx';
import { ErrorSummary, PasswordField, type FieldError } from '../ui/form.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code message path } } }
`);

const words = texts.password;
const CURRENT = { show: words.showCurrent, hide: words.hideCurrent };
const NEW = { show: words.showNew, hide: words.hideNew };

/** One's password, changed with the one in use; one's other sessions end (R-ACC-15). */
export default function OwnPassword() {
  const client = useClient();
  const { user } = useViewer();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const form = event.currentTarget as HTMLFormElement;
    const [currentPassword, newPassword] = ['currentPassword', 'newPassword'].map((name) => String(new FormData(form).get(name) ?? '')) as [string, string];
    const missing: FieldError[] = [];
    if (!currentPassword) missing.push({ field: 'currentPassword', message: words.missingCurrent });
    if (!newPassword) missing.push({ field: 'newPassword', message: words.missingNew });
    else if ([...newPassword].length < 12) missing.push({ field: 'newPassword', message: words.tooShort });
    setOutcome('');
    setErrors(missing);
    if (missing.length) return;
    setBusy(true);
    const { data, error } = await change(client, ChangePassword, { input: { currentPassword, newPassword } });
    setBusy(false);
    const refusals = refusalsOf(data?.changePassword, error, ['currentPassword', 'newPassword']);
    setErrors(refusals);
    if (refusals.length) return;
    form.reset();
    setOutcome(words.done);
    line.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <p class="soft">{words.lead}</p>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <form class="form own-form" onSubmit={submit} noValidate method="post">
        {/* For password managers, which file the password under the identifier. */}
        <input type="text" name="username" autocomplete="username" value={user?.identifier ?? ''} readOnly hidden />
        <PasswordField name="currentPassword" label={words.current} words={CURRENT} errors={errors}
          input={{ autocomplete: 'current-password', required: true }} />
        <PasswordField name="newPassword" label={words.new} hint={session.password.rule} words={NEW} errors={errors}
          input={{ autocomplete: 'new-password', required: true, minLength: 12 }} />
        <div class="actions"><button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.submit}</button></div>
      </form>
    </>
  );
}
