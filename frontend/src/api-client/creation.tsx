import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { daysFromToday, today } from '../dates.ts';
import { change } from '../graph.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Check, Warning } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { texts } from './texts.ts';

const CreateApiClient = graphql(`
  mutation CreateApiClient($input: CreateApiClientInput!) {
    createApiClient(input: $input) { apiClient { id name } secret errors { code message path } }
  }
`);

type Input = VariablesOf<typeof CreateApiClient>['input'];
interface Made { name: string; secret: string }
const words = texts.creation;
const LIST = '/operateur/clients';
const SCOPES = ['DEPOSIT_COURRIERS', 'MANAGE_ESTABLISHMENTS', 'READ_STATISTICS'] as const;
const FIELDS = ['name', 'scopes', 'expiresOn'] as const;

/** A new program: what it may do, until when; then its token, shown once. */
export default function Creation() {
  const [made, setMade] = useState<Made | null>(null);
  const [, navigate] = useLocation();
  if (made) return <Token key={made.secret} made={made} onKept={() => navigate(LIST)} />;
  return (
    <Page title={words.title} className="page-text" above={<p class="above"><Link href={LIST}><ArrowLeft /> {words.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      <CreationForm onMade={setMade} />
    </Page>
  );
}

function CreationForm({ onMade }: { onMade: (made: Made) => void }) {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isTouched, touch] = useState(false);
  useLeavingQuestion(isTouched, words.leave);
  const create = async (form: HTMLFormElement) => {
    if (isBusy) return;
    const scopes = new FormData(form).getAll('scopes') as Input['scopes'];
    const input: Input = { name: typed(form, 'name'), scopes: [...scopes], expiresOn: typed(form, 'expiresOn') };
    const wrong = FIELDS.filter((field) => !input[field].length).map((field) => ({ field, message: words.missing[field] }));
    setErrors(wrong);
    if (wrong.length) return;
    setBusy(true);
    const { data, error } = await change(client, CreateApiClient, { input });
    setBusy(false);
    const refusals = refusalsOf(data?.createApiClient, error, [...FIELDS]);
    setErrors(refusals);
    const { apiClient, secret } = data?.createApiClient ?? {};
    if (refusals.length || !apiClient || !secret) return;
    touch(false);
    onMade({ name: apiClient.name, secret });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void create(event.currentTarget as HTMLFormElement);
  };
  const ofScopes = errors.filter(({ field }) => field === 'scopes');
  return (
    <form class="page-sections" onSubmit={submit} onInput={() => touch(true)} noValidate method="post">
      <ErrorSummary errors={errors} />
      <section class="card form">
        <Field name="name" label={words.name} hint={words.nameHint} errors={errors} input={{ autocomplete: 'off', maxLength: 100, required: true }} />
        <fieldset class={ofScopes.length ? 'choices-field field-wrong' : 'choices-field'} aria-describedby={ofScopes.length ? 'scopes-error' : undefined}>
          <legend>{words.scopes}</legend>
          {ofScopes.length > 0 && <p class="field-error" id="scopes-error"><Warning /> {ofScopes.map(({ message }) => message).join(' ')}</p>}
          {SCOPES.map((scope, place) => <label key={scope} class="checkbox"><input type="checkbox" name="scopes" id={place ? undefined : 'scopes'} value={scope} /><span>{texts.scopes[scope]}</span></label>)}
        </fieldset>
        <Field name="expiresOn" label={words.expiresOn} hint={words.expiresHint} errors={errors} input={{ type: 'date', min: today(), max: daysFromToday(365), defaultValue: daysFromToday(180), required: true }} />
      </section>
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.create}</button>
        <Link class="button" href={LIST}>{words.cancel}</Link>
      </div>
    </form>
  );
}

/** The token, kept nowhere: not in the address, nor in the history. */
function Token({ made: { name, secret }, onKept }: { made: Made; onKept: () => void }) {
  const [said, say] = useState('');
  const copy = () => navigator.clipboard.writeText(secret).then(() => say(words.copied), () => say(words.notCopied));
  return (
    <Page title={words.doneTitle(name)} className="page-text">
      <div class="notice notice-warn"><Warning /><p>{words.once}</p></div>
      <section class="card" aria-labelledby="new-token">
        <h2 id="new-token">{words.secret}</h2>
        <p class="handed-over"><code>{secret}</code></p>
        <p class="soft">{words.header}</p>
        <div class="actions"><button type="button" class="button" onClick={() => void copy()}>{words.copy}</button></div>
        <p role="status">{said && <><Check /> {said}</>}</p>
      </section>
      <p><Link href="/guides/deposer-une-campagne#par-un-programme">{words.guide}</Link></p>
      <div class="actions"><button type="button" class="button button-strong" onClick={onKept}>{words.end}</button></div>
    </Page>
  );
}
