import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { ContractsFields, DETAIL_FIELDS, DetailsFields, missingDetails, placed, readDetails, typedDetails, type Details } from './details.tsx';
import { grouped } from './siret.ts';
import { texts } from './texts.ts';
import '../user/user.css';
import './operator.css';

const EditedQuery = graphql(`
  query EditedEstablishment($id: ID!) {
    node(id: $id) {
      __typename
      ... on Establishment { id siret name category isCentralisateur functionalEmail address { line1 line2 postalCode city inseeCode } contracts { fund { code } number } }
    }
  }
`);

const UpdateEstablishment = graphql(`
  mutation UpdateEstablishment($input: UpdateEstablishmentInput!) {
    updateEstablishment(input: $input) { establishment { id name } errors { code message path } }
  }
`);

type Establishment = Extract<NonNullable<ResultOf<typeof EditedQuery>['node']>, { __typename: 'Establishment' }>;
const words = texts.edition;

const detailsOf = ({ name, category, address, functionalEmail, isCentralisateur, contracts }: Establishment): Details => ({
  name, category, isCentralisateur, line1: address?.line1 ?? '', line2: address?.line2 ?? '', postalCode: address?.postalCode ?? '', city: address?.city ?? '', inseeCode: address?.inseeCode ?? '',
  functionalEmail: functionalEmail ?? '', contracts: contracts.map(({ fund, number }) => ({ fund: fund.code, number })),
});

/** What is said of an establishment, changed; its SIRET is its identity and stays. */
export function Edition({ id }: { id: string }) {
  const { data, error, again } = useAnswer(EditedQuery, { id });
  const establishment = data?.node?.__typename === 'Establishment' ? data.node : undefined;
  const path = `/operateur/etablissements/${encodeURIComponent(id)}`;
  return (
    <Page title={words.title} className="page-text" documentTitle={establishment && `${words.title}, ${establishment.name}`} above={<p class="above"><Link href={path}><ArrowLeft /> {words.back}</Link></p>}>
      {establishment ? <EditionForm establishment={establishment} path={path} /> : error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}
    </Page>
  );
}

function EditionForm({ establishment, path }: { establishment: Establishment; path: string }) {
  const client = useClient();
  const [, navigate] = useLocation();
  // What is on screen is what was there when the form opened: a later answer must not undo what is being typed.
  const [before] = useState(() => detailsOf(establishment));
  const [category, setCategory] = useState(before.category);
  const [isCentralisateur, setCentralisateur] = useState(before.isCentralisateur);
  const [contracts, setContracts] = useState(before.contracts);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isTouched, touch] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useLeavingQuestion(isTouched, words.leave);
  const save = async (form: HTMLFormElement) => {
    if (isBusy) return;
    const details = typedDetails(form, { category, isCentralisateur, contracts });
    const wrong = missingDetails(details);
    if (wrong.length) return setErrors(wrong);
    setBusy(true);
    const { data, error } = await change(client, UpdateEstablishment, { input: { id: establishment.id, ...readDetails(details) } });
    setBusy(false);
    const payload = data?.updateEstablishment;
    const refusals = placed(refusalsOf(payload, error, DETAIL_FIELDS), payload?.errors);
    setErrors(refusals);
    if (refusals.length) return;
    touch(false);
    announce(words.saved(details.name));
    navigate(path);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void save(event.currentTarget as HTMLFormElement);
  };
  return (
    <form class="page-sections" onSubmit={submit} onInput={() => touch(true)} noValidate method="post">
      <ErrorSummary errors={errors} />
      <p class="lead">{words.lead(establishment.name, grouped(establishment.siret))}</p>
      <section class="card form" aria-labelledby="edition-establishment">
        <h2 id="edition-establishment">{texts.registration.establishment}</h2>
        <DetailsFields details={before} errors={errors} category={category} onCategory={setCategory} isCentralisateur={isCentralisateur} onCentralisateur={setCentralisateur} />
      </section>
      <section class="card form" aria-labelledby="edition-contracts">
        <h2 id="edition-contracts">{texts.details.contracts}</h2>
        <ContractsFields contracts={contracts} errors={errors} onChange={setContracts} />
      </section>
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.save}</button>
        <Link class="button" href={path}>{words.cancel}</Link>
      </div>
    </form>
  );
}
