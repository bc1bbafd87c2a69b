import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { saveCsv, textOf } from '../ui/csv.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Check, Download, Info } from '../ui/icons.tsx';
import { newKey } from '../ui/idempotency.ts';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { ImportUsers, refusalsOf } from './changes.ts';
import { texts } from './texts.ts';
import './user.css';

const ImportQuery = graphql(`
  query ImportPlace { viewer { actingFor { id viewerAccess { canManageAccounts } services { service { id code label } } } } }
`);

type Outcome = NonNullable<ResultOf<typeof ImportUsers>['importUsers']>;
type Line = Outcome['lines'][number];
interface Chosen { name: string; csv: string; key: string }

const words = texts.importing;
const LIST = '/etablissement/comptes';
const nameOf = ({ firstName, lastName }: Line) => `${lastName.toUpperCase()} ${firstName}`.trim();
const tone: Record<Line['outcome'], string> = { CREATED: 'tag tag-good', WOULD_CREATE: 'tag tag-good', UNCHANGED: 'tag', REJECTED: 'tag tag-bad' };

/** Accounts from a file: rehearsed first, then created, then their identifiers to hand over. */
export function Import() {
  const client = useClient();
  const { data, error, again } = useAnswer(ImportQuery, {});
  const [chosen, choose] = useState<Chosen | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isDone, setDone] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useLeavingQuestion(!!outcome?.created && !isDone, words.leave);
  useEffect(() => {
    if (outcome) title.current?.focus({ preventScroll: true });
  }, [outcome]);
  const establishment = data?.viewer?.actingFor;
  const above = <p class="above"><Link href={LIST}><ArrowLeft /> {texts.account.back}</Link></p>;
  if (!establishment?.viewerAccess.canManageAccounts) {
    return <Page title={words.title} above={above}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="forbidden" /> : <Waiting />}</Page>;
  }
  const template = () => saveCsv(words.templateName, [
    [...Object.values(words.columns), ...establishment.services.map(({ service }) => service.label)],
  ]);
  const send = async (file: Chosen, isRehearsal: boolean) => {
    if (isBusy) return;
    setBusy(true);
    const answer = await change(client, ImportUsers, { input: { establishmentId: establishment.id, csv: file.csv, dryRun: isRehearsal, idempotencyKey: file.key } });
    setBusy(false);
    const payload = answer.data?.importUsers;
    const refusals = refusalsOf(payload, answer.error);
    setErrors(refusals);
    if (!payload || refusals.length) return;
    setOutcome(payload);
    setDone(!isRehearsal);
  };
  const take = async (file: File) => {
    setOutcome(null);
    setDone(false);
    if (file.size > 1_000_000) return setErrors([{ field: 'file', message: words.tooBig }]);
    const taken = { name: file.name, csv: await textOf(file), key: newKey() };
    choose(taken);
    await send(taken, true);
  };
  return (
    <Page title={words.title} above={above} className={outcome ? 'page-wide' : 'page-text'}>
      <ErrorSummary errors={errors} />
      {!isDone && (
        <section class="card" aria-labelledby="import-file">
          <h2 id="import-file">{words.choose}</h2>
          <ol class="next-steps">
            <li>{words.step1} <button type="button" class="link" onClick={template}>{words.template}</button></li>
            <li>{words.step2}</li>
            <li>{words.step3}</li>
          </ol>
          <div class="field">
            <label for="file">{words.file}</label>
            <p class="hint" id="file-hint">{words.fileHint}</p>
            <input id="file" type="file" accept=".csv,.txt,text/csv" aria-describedby="file-hint" disabled={isBusy}
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                event.currentTarget.value = '';
                if (file) void take(file);
              }} />
          </div>
          <p role="status">{isBusy && words.reading}</p>
        </section>
      )}
      {outcome && chosen && (
        <section aria-labelledby="import-outcome">
          <h2 id="import-outcome" tabIndex={-1} ref={title}>{isDone ? words.done(outcome.created) : words.rehearsed(chosen.name)}</h2>
          <ul class="plain import-counts">
            <li>{isDone ? words.created(outcome.created) : words.wouldCreate(outcome.created)}</li>
            <li>{words.unchanged(outcome.unchanged)}</li>
            <li>{words.rejected(outcome.rejected)}</li>
          </ul>
          {isDone ? <HandOver lines={outcome.lines} /> : (
            <>
              {outcome.rejected > 0 && <p class="notice notice-warn"><Info /> <span>{words.rejectedHelp}</span></p>}
              <div class="actions">
                {outcome.created > 0
                  ? <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={() => void send(chosen, false)}>{words.create(outcome.created)}</button>
                  : <p class="notice"><Info /> <span>{words.nothing}</span></p>}
              </div>
            </>
          )}
          <Lines lines={outcome.lines} />
        </section>
      )}
    </Page>
  );
}

/** What to do with the identifiers; the e-mails with the links are on their way. */
function HandOver({ lines }: { lines: readonly Line[] }) {
  const created = lines.filter(({ outcome }) => outcome === 'CREATED');
  const save = () => saveCsv(words.identifiersName, [
    [words.columns.lastName, words.columns.firstName, words.columns.email, texts.accounts.identifier],
    ...created.map((line) => [line.lastName, line.firstName, line.email, line.identifier ?? '']),
  ]);
  return (
    <>
      {created.length > 0 && <p class="notice notice-good"><Check /> <span>{words.handOver}</span></p>}
      <div class="actions">
        {created.length > 0 && <button type="button" class="button button-strong" onClick={save}><Download /> {words.identifiers}</button>}
        <Link class="button" href={LIST}>{texts.creation.toList}</Link>
      </div>
    </>
  );
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <Table caption={words.caption} className="import-lines" rows={lines} keyOf={({ line }) => String(line)} columns={[
      { header: words.line, className: 'col-number', cell: ({ line }) => line },
      { header: words.person, isRowHeader: true, className: 'col-name', cell: (line) => <>{line.user ? <Link href={`${LIST}/${encodeURIComponent(line.user.id)}`}>{nameOf(line)}</Link> : nameOf(line) || words.noName}<span class="line soft">{line.email}</span></> },
      { header: texts.accounts.profile, cell: ({ profile }) => texts.profile[profile] },
      { header: words.rights, className: 'col-number', cell: ({ rights }) => rights },
      { header: words.outcome, className: 'col-outcome', cell: ({ outcome, errors }) => <><span class={tone[outcome]}>{words.outcomes[outcome]}</span>{errors.map(({ message }) => <span key={message} class="line">{message}</span>)}</> },
      { header: texts.accounts.identifier, cell: ({ identifier }) => identifier },
    ]} />
  );
}
