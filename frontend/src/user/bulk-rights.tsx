import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { byTheme } from '../establishment/themes.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Choices, ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Check, Info } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { CopyRights, refusalsOf, SetRights, type Payload } from './changes.ts';
import { ColleagueChoice } from './colleague.tsx';
import type { Level } from './level.tsx';
import { texts } from './texts.ts';
import './user.css';

const SelectedQuery = graphql(`
  query SelectedAccounts($ids: [ID!]!) {
    nodes(ids: $ids) { __typename ... on User { id firstName lastName } }
    viewer { actingFor { id viewerAccess { canManageAccounts } services { service { id code label description theme levels } } } }
  }
`);

interface Outcome { done: string; refused: string[] }
const words = texts.bulkRights;
const LIST = '/etablissement/comptes';

function listPath(): string {
  const from = (history.state as { from?: unknown } | null)?.from;
  return typeof from === 'string' ? from : LIST;
}

/** The same rights for several accounts at once: chosen service by service, or exactly those of a colleague. */
export function BulkRights() {
  const client = useClient();
  const ids = (new URLSearchParams(useQuery()).get('comptes') ?? '').split(',').filter(Boolean).slice(0, 100);
  const { data, error, again } = useAnswer(SelectedQuery, { ids });
  const [wanted, want] = useState<Readonly<Record<string, Level | ''>>>({});
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [source, setSource] = useState('');
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);
  const rights = Object.entries(wanted).flatMap(([service, level]) => (level ? [{ service, level }] : []));
  useLeavingQuestion(rights.length > 0, texts.rights.leave);
  const place = data?.viewer?.actingFor;
  const people = (data?.nodes ?? []).flatMap((node) => (node?.__typename === 'User' ? [node] : []));
  const above = <p class="above"><Link href={listPath()}><ArrowLeft /> {texts.account.back}</Link></p>;
  if (!place?.viewerAccess.canManageAccounts || !people.length) {
    return <Page title={words.title} above={above}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}</Page>;
  }
  const run = async (send: () => Promise<{ payload: Payload | undefined; error: Parameters<typeof refusalsOf>[1] }>, done: (n: number) => string) => {
    if (isBusy) return;
    setBusy(true);
    const answer = await send();
    setBusy(false);
    const results = answer.payload?.results ?? [];
    const refused = results.filter((each) => each.errors.length);
    const whole = results.length ? [] : refusalsOf(answer.payload, answer.error);
    setErrors(whole);
    if (whole.length) return setOutcome(null);
    const nameOf = new Map(people.map(({ id, firstName, lastName }) => [id, `${firstName} ${lastName}`]));
    setOutcome({ done: done(results.length - refused.length), refused: refused.map(({ id, errors: why }) => `${nameOf.get(id) ?? ''} – ${why.map(({ message }) => message).join(' ')}`) });
    if (!refused.length) want({});
  };
  const userIds = people.map(({ id }) => id);
  const save = () => run(async () => {
    const answer = await change(client, SetRights, { input: { userIds, rights } });
    return { payload: answer.data?.setRights, error: answer.error };
  }, words.saved);
  const copy = () => run(async () => {
    const answer = await change(client, CopyRights, { input: { fromUserId: source, toUserIds: userIds } });
    return { payload: answer.data?.copyRights, error: answer.error };
  }, words.copied);
  return (
    <Page title={words.title} above={above}>
      <div role="status" class="outcome" tabIndex={-1} ref={line}>
        {outcome && <p>{outcome.done}</p>}
        {!!outcome?.refused.length && <ul class="notice notice-bad">{outcome.refused.map((each) => <li key={each}>{each}</li>)}</ul>}
      </div>
      <ErrorSummary errors={errors} />
      <section class="card" aria-labelledby="bulk-people">
        <h2 id="bulk-people">{words.people(people.length)}</h2>
        <ul class="bulk-people">{people.map(({ id, firstName, lastName }) => <li key={id}>{firstName} {lastName}</li>)}</ul>
      </section>
      <details class="copy-rights">
        <summary>{words.copy}</summary>
        <div class="copy-form">
          <p class="hint">{words.copyHelp}</p>
          <ColleagueChoice value={source} onChoose={setSource} />
          <div><button type="button" class="button" aria-disabled={!source || isBusy || undefined} onClick={() => source && void copy()}>{words.doCopy(people.length)}</button></div>
        </div>
      </details>
      <p class="notice"><Info /> <span>{words.lead}</span></p>
      {byTheme(place.services.map(({ service }) => service), (service) => service.theme).map(([theme, services]) => (
        <section key={theme} class="card level-choices" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{theme}</h2>
          {services.map(({ code, label, description, levels }) => (
            <Choices key={code} className={wanted[code] ? 'level-choice is-changed' : 'level-choice'} name={`droit-${code}`} legend={label} hint={description}
              options={[{ value: '' as Level | '', label: words.asIs }, ...levels.map((value) => ({ value, label: texts.level[value] }))]}
              value={wanted[code] ?? ''} onChange={(value) => want({ ...wanted, [code]: value })} />
          ))}
        </section>
      ))}
      <div class={rights.length ? 'changes-bar' : 'changes-bar changes-bar-empty'} role="group" aria-label={texts.rights.bar}>
        <p class="sr-only" role="status">{rights.length > 0 && words.toSave(rights.length, people.length)}</p>
        {rights.length > 0 && (
          <>
            <p class="changes-done" aria-hidden="true"><Check /> {words.toSave(rights.length, people.length)}</p>
            <div class="actions">
              <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={() => void save()}>{texts.rights.save}</button>
              <button type="button" class="button" onClick={() => want({})}>{texts.rights.cancel}</button>
            </div>
          </>
        )}
      </div>
    </Page>
  );
}
