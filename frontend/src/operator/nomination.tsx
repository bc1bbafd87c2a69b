import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Choices, ErrorSummary, Field, Select, typed, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { IdentifierToHandOver } from '../user/identifier.tsx';
import { texts as userTexts } from '../user/texts.ts';
import { missingPerson, NOBODY, PERSON_FIELDS, PersonFields, typedPerson, type Person } from './details.tsx';
import { texts } from './texts.ts';
import '../user/user.css';
import './operator.css';

const NominationQuery = graphql(`
  query Nomination($id: ID!, $search: String) {
    node(id: $id) {
      __typename
      ... on Establishment {
        id name withoutAdministratorSince
        administrators { id firstName lastName }
        users(first: 100, filter: { search: $search }) { totalCount edges { node { id firstName lastName identifier profile status expiresOn } } }
      }
    }
  }
`);

const NominateAdministrator = graphql(`
  mutation NominateAdministrator($input: NominateAdministratorInput!) {
    nominateAdministrator(input: $input) { user { id firstName lastName email } identifier isInvited errors { code message path } }
  }
`);

type Establishment = Extract<NonNullable<ResultOf<typeof NominationQuery>['node']>, { __typename: 'Establishment' }>;
type Outcome = NonNullable<ResultOf<typeof NominateAdministrator>['nominateAdministrator']>;
const words = texts.nomination;

/** Somebody to administer an establishment that nobody is left to administer: one of its accounts, or a person. */
export function Nomination({ id }: { id: string }) {
  const [search, setSearch] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { data, error, again } = useAnswer(NominationQuery, { id, search: search || null });
  const establishment = data?.node?.__typename === 'Establishment' ? data.node : undefined;
  const path = `/operateur/etablissements/${encodeURIComponent(id)}`;
  return (
    <Page key={outcome ? 'done' : 'form'} title={words.title} className="page-text" documentTitle={establishment && `${words.title}, ${establishment.name}`} above={<p class="above"><Link href={path}><ArrowLeft /> {texts.edition.back}</Link></p>}>
      {establishment && outcome && <Done establishment={establishment} outcome={outcome} path={path} />}
      {establishment && !outcome && <NominationForm establishment={establishment} search={search} onSearch={setSearch} onDone={setOutcome} />}
      {!establishment && (error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />)}
    </Page>
  );
}

function NominationForm({ establishment, search, onSearch, onDone }: { establishment: Establishment; search: string; onSearch: (search: string) => void; onDone: (outcome: Outcome) => void }) {
  const client = useClient();
  const accounts = establishment.users.edges.map(({ node }) => node);
  const [who, setWho] = useState<'account' | 'person'>(accounts.length ? 'account' : 'person');
  const [userId, setUserId] = useState('');
  const [civility, setCivility] = useState<Person['civility']>(null);
  const [despite, setDespite] = useState(false);
  const [isAskingDespite, askDespite] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const nominate = async (form: HTMLFormElement) => {
    if (isBusy) return;
    const reason = typed(form, 'reason');
    const person = who === 'person' ? typedPerson(form, civility) : null;
    const wrong = [
      ...(person ? missingPerson(person) : userId ? [] : [{ field: 'userId', message: words.missingAccount }]),
      ...(reason ? [] : [{ field: 'reason', message: words.missingReason }]),
    ];
    if (wrong.length) return setErrors(wrong);
    setBusy(true);
    const { data, error } = await change(client, NominateAdministrator, {
      input: { establishmentId: establishment.id, reason, despiteInvitation: despite, ...(person ? { administrator: person } : { userId }) },
    });
    setBusy(false);
    const payload = data?.nominateAdministrator;
    const refusals = refusalsOf(payload, error, ['userId', 'reason', 'despiteInvitation', ...PERSON_FIELDS]);
    if (refusals.some(({ field }) => field === 'despiteInvitation')) askDespite(true);
    setErrors(refusals);
    if (!refusals.length && payload) onDone(payload);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void nominate(event.currentTarget as HTMLFormElement);
  };
  const since = establishment.withoutAdministratorSince;
  const isAlone = establishment.administrators.length === 0;
  return (
    <>
      <p class="lead">{establishment.name}</p>
      <p class="notice"><Info /> <span>{since ? words.since(inWords(since)) : isAlone ? words.awaited : words.administered(establishment.administrators.map(({ firstName, lastName }) => `${firstName} ${lastName}`).join(', '))}</span></p>
      {isAlone && (
        <form class="page-sections" onSubmit={submit} noValidate method="post">
          <ErrorSummary errors={errors} />
          <section class="card form" aria-labelledby="nomination-who">
            <h2 id="nomination-who">{words.who}</h2>
            <Choices name="who" legend={words.whoLegend} value={who} onChange={setWho} options={[{ value: 'account', label: words.account }, { value: 'person', label: words.person }]} />
            {who === 'account' ? (
              <>
                {(establishment.users.totalCount > 100 || search) && <Field name="search" label={words.search} input={{ type: 'search', autocomplete: 'off', value: search, onInput: (event) => onSearch(event.currentTarget.value) }} />}
                <Select name="userId" label={words.accountLabel} hint={words.accountHint} errors={errors} value={userId} onChange={setUserId}
                  options={[{ value: '', label: words.choose }, ...accounts.map((each) => ({ value: each.id, label: labelOf(each) }))]} />
              </>
            ) : <PersonFields person={NOBODY} errors={errors} civility={civility} onCivility={setCivility} />}
          </section>
          <section class="card form" aria-labelledby="nomination-why">
            <h2 id="nomination-why">{words.why}</h2>
            <Field name="reason" label={words.reason} hint={words.reasonHint} errors={errors} input={{ autocomplete: 'off', maxLength: 500, required: true }} />
            {isAskingDespite && (
              <label class="checkbox">
                <input type="checkbox" id="despiteInvitation" checked={despite} onChange={(event) => setDespite(event.currentTarget.checked)} />
                <span>{words.despite}</span>
              </label>
            )}
          </section>
          <p>{words.told}</p>
          <div class="actions"><button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.nominate}</button></div>
        </form>
      )}
    </>
  );
}

const labelOf = ({ lastName, firstName, identifier, status }: Establishment['users']['edges'][number]['node']) =>
  words.option(`${lastName} ${firstName}`, identifier ?? '', status ? userTexts.status[status].toLowerCase() : '');

function Done({ establishment, outcome, path }: { establishment: Establishment; outcome: Outcome; path: string }) {
  const name = outcome.user ? `${outcome.user.firstName} ${outcome.user.lastName}` : '';
  return (
    <>
      <p class="notice notice-good" role="status"><Info /> <span>{outcome.isInvited ? words.invited(name, establishment.name, outcome.user?.email ?? '') : words.done(name, establishment.name)}</span></p>
      {outcome.isInvited && outcome.identifier && <IdentifierToHandOver identifier={outcome.identifier} />}
      <div class="actions">
        <Link class="button" href={path}>{texts.edition.back}</Link>
        <Link class="button" href="/operateur/etablissements?administrateur=sans">{words.toList}</Link>
      </div>
    </>
  );
}
