import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { inWords, today } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const PublicationQuery = graphql(`query ServicePublication { funds { code label } services(all: true) { id theme } }`);

const PublishService = graphql(`
  mutation PublishService($input: PublishServiceInput!) { publishService(input: $input) { service { id label onlineSince } errors { code message path } } }
`);

type Known = ResultOf<typeof PublicationQuery>;
type Input = VariablesOf<typeof PublishService>['input'];
const words = texts.publication;
const LIST = '/operateur/services';
const FIELDS = ['label', 'code', 'description', 'theme', 'onlineSince', 'position'] as const;

/** A new service: what it is, and the day it opens. */
export default function Publication() {
  const { data, error, again } = useAnswer(PublicationQuery, {});
  return (
    <Page title={words.title} className="page-text" above={<p class="above"><Link href={LIST}><ArrowLeft /> {words.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && <PublicationForm known={data} />}
    </Page>
  );
}

function PublicationForm({ known }: { known: Known }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isTouched, touch] = useState(false);
  useLeavingQuestion(isTouched, words.leave);
  const publish = async (form: HTMLFormElement) => {
    if (isBusy) return;
    const input = typedService(form);
    const wrong = missing(form);
    if (wrong.length) return setErrors(wrong);
    setBusy(true);
    const { data, error } = await change(client, PublishService, { input });
    setBusy(false);
    const refusals = refusalsOf(data?.publishService, error, [...FIELDS]);
    setErrors(refusals);
    const made = data?.publishService.service;
    if (refusals.length || !made) return;
    touch(false);
    announce(made.onlineSince > today() ? words.published(made.label, inWords(made.onlineSince)) : words.publishedToday(made.label));
    navigate(LIST);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void publish(event.currentTarget as HTMLFormElement);
  };
  const themes = [...new Set(known.services.map(({ theme }) => theme))];
  return (
    <form class="page-sections" onSubmit={submit} onInput={() => touch(true)} noValidate method="post">
      <ErrorSummary errors={errors} />
      <section class="card form" aria-labelledby="publication-service">
        <h2 id="publication-service">{words.service}</h2>
        <Field name="label" label={words.label} errors={errors} input={{ autocomplete: 'off', maxLength: 120, required: true }} />
        <Field name="code" label={words.code} hint={words.codeHint} errors={errors} input={{ autocomplete: 'off', maxLength: 40, required: true, autocapitalize: 'characters', spellcheck: false }} />
        <Field name="description" label={words.description} hint={words.descriptionHint} errors={errors} input={{ autocomplete: 'off', maxLength: 500, required: true }} />
        <Field name="theme" label={words.theme} hint={words.themeHint} errors={errors} input={{ autocomplete: 'off', maxLength: 60, required: true, list: 'themes' }} />
        <datalist id="themes">{themes.map((theme) => <option key={theme} value={theme} />)}</datalist>
        <fieldset class="choices-field">
          <legend>{words.funds}</legend>
          {known.funds.map(({ code }) => <label key={code} class="checkbox"><input type="checkbox" name="funds" value={code} /><span>{fundName(code)}</span></label>)}
        </fieldset>
      </section>
      <section class="card form" aria-labelledby="publication-opening">
        <h2 id="publication-opening">{words.opening}</h2>
        <Field name="onlineSince" label={words.onlineSince} hint={words.onlineSinceHint} errors={errors} input={{ type: 'date', min: today(), defaultValue: today(), required: true }} />
        <Field name="position" label={words.position} hint={words.positionHint} errors={errors} input={{ inputMode: 'numeric', autocomplete: 'off', maxLength: 4 }} />
        <label class="checkbox"><input type="checkbox" name="isDelegable" defaultChecked /><span>{words.isDelegable}</span></label>
      </section>
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.publish}</button>
        <Link class="button" href={LIST}>{words.cancel}</Link>
      </div>
    </form>
  );
}

function typedService(form: HTMLFormElement): Input {
  const data = new FormData(form);
  const position = typed(form, 'position');
  return {
    label: typed(form, 'label'), code: typed(form, 'code').toUpperCase(), description: typed(form, 'description'), theme: typed(form, 'theme'),
    funds: data.getAll('funds') as Input['funds'], onlineSince: typed(form, 'onlineSince'), position: position ? Number(position) : null, isDelegable: data.has('isDelegable'),
  };
}

function missing(form: HTMLFormElement): FieldError[] {
  return FIELDS.filter((field) => (field === 'position' ? !/^\d*$/.test(typed(form, field)) : !typed(form, field)))
    .map((field) => ({ field, message: words.missing[field] }));
}
