import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { fundName } from '../courrier/texts.ts';
import { texts as establishmentTexts } from '../establishment/texts.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { ErrorSummary, Field, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Check, Warning } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { refusalsOf } from '../user/changes.ts';
import { IdentifierToHandOver } from '../user/identifier.tsx';
import { texts as userTexts } from '../user/texts.ts';
import {
  ContractsFields, DETAIL_FIELDS, DetailsFields, missingDetails, missingPerson, NO_DETAILS, NOBODY, PERSON_FIELDS, PersonFields, placed, readDetails, RegisterEstablishment, typedDetails, typedPerson,
  type Details, type Person,
} from './details.tsx';
import { digitsOf, grouped, isSiret } from './siret.ts';
import { texts } from './texts.ts';
import '../user/user.css';
import './operator.css';

const TakenQuery = graphql(`query SiretTaken($siret: String!) { establishment(siret: $siret) { id name } }`);

interface Draft { siret: string; details: Details; person: Person }
interface Registered { id: string | undefined; name: string; identifier: string; person: Person }

const words = texts.registration;
const LIST = '/operateur/etablissements';
const HERE = `${LIST}/nouveau`;

/** A new establishment with its first administrator: what is said, a last look, then the identifier to hand over. */
export function Registration() {
  const [, navigate] = useLocation();
  const isAtCheck = new URLSearchParams(useQuery()).get('etape') === 'verification';
  const client = useClient();
  const [draft, setDraft] = useState<Draft>({ siret: '', details: NO_DETAILS, person: NOBODY });
  const [isTouched, touch] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [registered, setRegistered] = useState<Registered | null>(null);
  const [isBusy, setBusy] = useState(false);
  const step = registered ? 3 : isAtCheck && draft.siret ? 2 : 1;
  const title = useRef<HTMLHeadingElement>(null);
  const shownStep = useRef(step);
  useLeavingQuestion(isTouched && !registered, words.leave);
  useEffect(() => {
    if (shownStep.current === step) return;
    shownStep.current = step;
    scrollTo(0, 0);
    if (!errors.length) title.current?.focus({ preventScroll: true });
  }, [step]);
  const register = async () => {
    if (isBusy) return;
    setBusy(true);
    const answer = await change(client, RegisterEstablishment, { input: { siret: draft.siret, ...readDetails(draft.details), administrator: draft.person } });
    setBusy(false);
    const payload = answer.data?.registerEstablishment;
    const refusals = placed(refusalsOf(payload, answer.error, ['siret', ...PERSON_FIELDS, ...DETAIL_FIELDS]), payload?.errors);
    setErrors(refusals);
    if (refusals.some(({ field }) => field)) return navigate(HERE);
    if (!refusals.length) setRegistered({ id: payload?.establishment?.id, name: draft.details.name, identifier: payload?.identifier ?? '', person: draft.person });
  };
  const another = () => {
    setDraft({ siret: '', details: NO_DETAILS, person: NOBODY });
    touch(false);
    setRegistered(null);
    navigate(HERE, { replace: true });
  };
  return (
    <Page title={words.title} className="page-text" documentTitle={`${words.names[step]} – ${words.title}`} above={<p class="above"><Link href={LIST}><ArrowLeft /> {texts.establishment.back}</Link></p>}>
      <ol class="steps" aria-label={userTexts.creation.steps}>
        {([1, 2, 3] as const).map((n) => <li key={n} aria-current={n === step ? 'step' : undefined}>{n}. {words.names[n]}</li>)}
      </ol>
      <h2 tabIndex={-1} ref={title}>{registered ? words.done(registered.name) : userTexts.creation.step(step, words.names[step])}</h2>
      <ErrorSummary errors={errors} />
      {step === 1 && (
        <DraftForm draft={draft} errors={errors} onTouch={() => touch(true)} onErrors={setErrors}
          onDone={(given) => {
            setErrors([]);
            setDraft(given);
            navigate(`${HERE}?etape=verification`);
          }} />
      )}
      {step === 2 && <LastLook draft={draft} isBusy={isBusy} onRegister={() => void register()} onBack={() => navigate(HERE)} />}
      {registered && <HandOver registered={registered} onAnother={another} />}
    </Page>
  );
}

interface DraftFormProps { draft: Draft; errors: FieldError[]; onTouch: () => void; onErrors: (errors: FieldError[]) => void; onDone: (draft: Draft) => void }

function DraftForm({ draft, errors, onTouch, onErrors, onDone }: DraftFormProps) {
  const [siret, setSiret] = useState(draft.siret);
  const [category, setCategory] = useState(draft.details.category);
  const [isCentralisateur, setCentralisateur] = useState(draft.details.isCentralisateur);
  const [contracts, setContracts] = useState(draft.details.contracts);
  const [civility, setCivility] = useState(draft.person.civility);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const details = typedDetails(form, { category, isCentralisateur, contracts });
    const person = typedPerson(form, civility);
    const wrong = [...(isSiret(siret) ? [] : [{ field: 'siret', message: words.badSiret }]), ...missingDetails(details), ...missingPerson(person)];
    if (wrong.length) return onErrors(wrong);
    onDone({ siret: digitsOf(siret), details, person });
  };
  return (
    <form class="page-sections" onSubmit={submit} onInput={onTouch} noValidate method="post">
      <p class="hint">{words.required}</p>
      <section class="card form" aria-labelledby="registration-establishment">
        <h3 id="registration-establishment">{words.establishment}</h3>
        <SiretField siret={siret} errors={errors} onChange={setSiret} />
        <DetailsFields details={draft.details} errors={errors} category={category} onCategory={setCategory} isCentralisateur={isCentralisateur} onCentralisateur={setCentralisateur} />
      </section>
      <section class="card form" aria-labelledby="registration-contracts">
        <h3 id="registration-contracts">{texts.details.contracts}</h3>
        <ContractsFields contracts={contracts} errors={errors} onChange={setContracts} />
      </section>
      <section class="card form" aria-labelledby="registration-administrator">
        <h3 id="registration-administrator">{words.administrator}</h3>
        <p class="hint">{words.administratorHint}</p>
        <PersonFields person={draft.person} errors={errors} civility={civility} onCivility={setCivility} />
      </section>
      <div class="actions"><button type="submit" class="button button-strong">{words.toCheck}</button></div>
    </form>
  );
}

/** The SIRET, checked as it is typed: its key, then whether an establishment has it already. */
function SiretField({ siret, errors, onChange }: { siret: string; errors: FieldError[]; onChange: (siret: string) => void }) {
  const digits = digitsOf(siret);
  const isGood = isSiret(siret);
  const { data } = useAnswer(TakenQuery, { siret: digits }, { pause: !isGood });
  const taken = isGood ? data?.establishment : null;
  const isBad = digits.length >= 14 && !isGood;
  return (
    <>
      <Field name="siret" label={words.siret} hint={words.siretHint} errors={isGood && !taken ? [] : errors}
        input={{ autocomplete: 'off', inputMode: 'numeric', required: true, value: siret, maxLength: 20, onInput: (event) => onChange(event.currentTarget.value) }} />
      <p role="status" class={taken || isBad ? 'field-error' : 'hint'}>
        {isBad && !errors.some(({ field }) => field === 'siret') && <><Warning /> {words.badSiret}</>}
        {taken && <><Warning /> {words.taken} <Link href={`${LIST}/${encodeURIComponent(taken.id)}`}>{taken.name}</Link></>}
        {isGood && data && !taken && <><Check /> {words.goodSiret}</>}
      </p>
    </>
  );
}

function LastLook({ draft: { siret, details, person }, isBusy, onRegister, onBack }: { draft: Draft; isBusy: boolean; onRegister: () => void; onBack: () => void }) {
  const lines: [string, string][] = [
    [words.siret, grouped(siret)],
    [texts.details.name, details.name],
    [texts.details.category, establishmentTexts.category[details.category]],
    [texts.details.address, [details.line1, details.line2, `${details.postalCode} ${details.city}`].filter(Boolean).join(', ')],
    [texts.details.functional, details.functionalEmail || texts.details.none],
    [establishmentTexts.information.centralisateur, details.isCentralisateur ? texts.details.yes : texts.details.no],
    [texts.details.contracts, details.contracts.map(({ fund, number }) => `${fundName(fund)} ${number}`).join(', ')],
    [words.administrator, `${person.firstName} ${person.lastName}`],
    [userTexts.creation.email, person.email],
  ];
  return (
    <>
      <section class="card" aria-label={words.names[2]}>
        <dl class="facts facts-wide">{lines.map(([term, value]) => <div key={term}><dt>{term}</dt><dd>{value}</dd></div>)}</dl>
      </section>
      <p>{words.whatHappens(person.email)}</p>
      <div class="actions">
        <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={onRegister}>{words.register}</button>
        <button type="button" class="button" onClick={onBack}>{words.correct}</button>
      </div>
    </>
  );
}

/** The identifier to hand over, and what comes next. */
function HandOver({ registered: { id, identifier, person }, onAnother }: { registered: Registered; onAnother: () => void }) {
  const name = `${person.firstName} ${person.lastName}`;
  return (
    <>
      <IdentifierToHandOver identifier={identifier} />
      <section aria-labelledby="new-next">
        <h3 id="new-next">{userTexts.creation.nextTitle}</h3>
        <ol class="next-steps">
          <li>{userTexts.creation.next1(name)}</li>
          <li>{userTexts.creation.next2(person.email)}</li>
          <li>{words.next3}</li>
        </ol>
      </section>
      <div class="actions">
        {id && <Link class="button" href={`${LIST}/${encodeURIComponent(id)}`}>{words.see}</Link>}
        <button type="button" class="button" onClick={onAnother}>{words.another}</button>
        <Link class="button" href={LIST}>{texts.establishment.back}</Link>
      </div>
    </>
  );
}
