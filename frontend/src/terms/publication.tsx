import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords, today } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { Check, Info, Warning } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { Body, Changes } from './body.tsx';
import { Differences, PieceFields } from './differences.tsx';
import { texts } from './texts.ts';
import './terms.css';

const VersionsQuery = graphql(`
  query PublishedTerms { termsVersions { id version publishedOn isToCome } terms { id version body } }
`);

const PublishTerms = graphql(`
  mutation PublishTerms($input: PublishTermsInput!) {
    publishTerms(input: $input) {
      terms { id version }
      rehearsal { establishments emails body changes since { id version } differences { ...PieceFields } }
      errors { code message path }
    }
  }
`, [PieceFields]);

interface Draft { version: string; publishedOn: string; changes: string; body: string }
type Version = ResultOf<typeof VersionsQuery>['termsVersions'][number];
type Rehearsal = NonNullable<NonNullable<ResultOf<typeof PublishTerms>['publishTerms']>['rehearsal']>;

const words = texts.publication;
const FIELDS = ['version', 'publishedOn', 'changes', 'body'];

/** Every version of the terms, and a new one: written, looked at with what it would do, then published for good. */
export default function Publication() {
  const client = useClient();
  const { data, error, again } = useAnswer(VersionsQuery, {});
  const [draft, setDraft] = useState<Draft | null>(null);
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null);
  const [published, setPublished] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isTouched, touch] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useLeavingQuestion(isTouched && !published, words.leave);
  const send = async (given: Draft, isRehearsal: boolean) => {
    if (isBusy) return;
    setBusy(true);
    const answer = await change(client, PublishTerms, { input: { ...given, changes: given.changes || null, rehearsal: isRehearsal } });
    setBusy(false);
    const payload = answer.data?.publishTerms;
    const refusals = refusalsOf(payload, answer.error, FIELDS);
    setErrors(refusals);
    setDraft(given);
    setRehearsal(refusals.length ? null : payload?.rehearsal ?? null);
    if (refusals.length || isRehearsal) return;
    setPublished(given.version);
    touch(false);
    again();
  };
  return (
    <Page title={words.title} className="page-text" documentTitle={rehearsal ? `${words.previewTitle} – ${words.title}` : undefined}>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && published && <p class="notice notice-good" role="status"><Check /> <span>{words.published(published)}</span></p>}
      {data && draft && rehearsal && !published && (
        <Preview draft={draft} rehearsal={rehearsal} isBusy={isBusy} onConfirm={() => void send(draft, false)} onBack={() => setRehearsal(null)} />
      )}
      {data && !rehearsal && (
        <>
          <p class="lead">{words.lead}</p>
          <Versions versions={data.termsVersions} />
          {!published && (
            <Writing draft={draft ?? { version: '', publishedOn: today(), changes: '', body: data.terms?.body ?? '' }} errors={errors} isBusy={isBusy}
              onTouch={() => touch(true)} onErrors={setErrors} onPreview={(given) => void send(given, true)} />
          )}
        </>
      )}
    </Page>
  );
}

function Versions({ versions }: { versions: readonly Version[] }) {
  const current = versions.find(({ isToCome }) => !isToCome);
  if (!versions.length) return <p class="empty">{texts.none}</p>;
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{texts.versions}</h2>
      <Table caption={texts.versions} rows={versions} keyOf={({ id }) => id} columns={[
        { header: texts.versionName, isRowHeader: true, cell: ({ version }) => <Link href={`/conditions/version/${encodeURIComponent(version)}`}>{version}</Link> },
        { header: texts.since, cell: ({ publishedOn }) => inWords(publishedOn) },
        { header: words.status, cell: (row) => (row.isToCome ? words.planned : row === current ? words.inForce : words.past) },
      ]} />
    </section>
  );
}

interface WritingProps {
  draft: Draft;
  errors: FieldError[];
  isBusy: boolean;
  onTouch: () => void;
  onErrors: (errors: FieldError[]) => void;
  onPreview: (draft: Draft) => void;
}

function Writing({ draft, errors, isBusy, onTouch, onErrors, onPreview }: WritingProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = { version: typed(form, 'version'), publishedOn: typed(form, 'publishedOn'), changes: typed(form, 'changes'), body: typed(form, 'body') };
    if (!given.publishedOn) return onErrors([{ field: 'publishedOn', message: words.missingDay }]);
    onPreview(given);
  };
  return (
    <form class="card form terms-form" aria-labelledby="publication" noValidate method="post" onSubmit={submit} onInput={onTouch}>
      <h2 id="publication">{words.publish}</h2>
      <ErrorSummary errors={errors} />
      <Field name="version" label={words.version} hint={words.versionHint} errors={errors} input={{ autocomplete: 'off', required: true, maxLength: 32, defaultValue: draft.version }} />
      <Field name="publishedOn" label={words.publishedOn} hint={words.publishedOnHint} errors={errors} input={{ type: 'date', required: true, min: today(), defaultValue: draft.publishedOn }} />
      <Text name="changes" label={words.changes} hint={words.changesHint} errors={errors} rows={4} value={draft.changes} />
      <Text name="body" label={words.body} hint={words.bodyHint} errors={errors} rows={18} value={draft.body} />
      <div class="actions"><button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.preview}</button></div>
    </form>
  );
}

/** A long text, with its hint and its error. */
function Text({ name, label, hint, errors, rows, value }: { name: string; label: string; hint: string; errors: FieldError[]; rows: number; value: string }) {
  const own = errors.filter((error) => error.field === name);
  return (
    <div class={own.length ? 'field field-wrong' : 'field'}>
      <label for={name}>{label}</label>
      <p class="hint" id={`${name}-hint`}>{hint}</p>
      {own.length > 0 && <p class="field-error" id={`${name}-error`}><Warning /> {own.map((error) => error.message).join(' ')}</p>}
      <textarea id={name} name={name} rows={rows} defaultValue={value} aria-describedby={own.length ? `${name}-hint ${name}-error` : `${name}-hint`} aria-invalid={own.length > 0 || undefined} />
    </div>
  );
}

interface PreviewProps { draft: Draft; rehearsal: Rehearsal; isBusy: boolean; onConfirm: () => void; onBack: () => void }

function Preview({ draft, rehearsal, isBusy, onConfirm, onBack }: PreviewProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <h2 tabIndex={-1} ref={title}>{words.previewTitle}</h2>
      <p class="lead">{(draft.publishedOn > today() ? texts.toCome : texts.version)(draft.version, inWords(draft.publishedOn))}</p>
      <p class="notice"><Info /> <span>{words.effect(rehearsal.establishments, rehearsal.emails)}</span></p>
      {rehearsal.changes && <section class="card" aria-labelledby="changes"><h3 id="changes">{texts.changes}</h3><Changes text={rehearsal.changes} /></section>}
      {rehearsal.since && (
        <section class="card" aria-labelledby="differences">
          <h3 id="differences">{texts.difference.current(rehearsal.since.version)}</h3>
          <Differences pieces={rehearsal.differences} />
        </section>
      )}
      <section class="card" aria-labelledby="full-text">
        <h3 id="full-text">{texts.fullText}</h3>
        <div class="terms-text" tabIndex={0} role="group" aria-labelledby="full-text"><Body text={rehearsal.body} /></div>
      </section>
      <div class="actions">
        <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={onConfirm}>{words.confirm}</button>
        <button type="button" class="button" onClick={onBack}>{words.back}</button>
      </div>
    </>
  );
}
