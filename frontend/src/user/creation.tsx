import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { useQuery } from '../address.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Choices, ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { useKey } from '../ui/idempotency.ts';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { CreateUser, refusalsOf } from './changes.ts';
import { IdentifierToHandOver } from './identifier.tsx';
import { changesBetween, CopyLevels, LevelChoices, type Levels, type Service } from './level-choices.tsx';
import { PERSON_FIELDS, PersonFields, typedPerson, type PersonDetails } from './person-fields.tsx';
import { texts } from './texts.ts';

const ServicesQuery = graphql(`
  query ServicesToGive {
    viewer { actingFor { id viewerAccess { canManageAccounts } services { service { id code label description theme levels } } } }
  }
`);

type Input = VariablesOf<typeof CreateUser>['input'];
interface Details extends PersonDetails { profile: Input['profile'] }
interface Created { id: string | undefined; identifier: string; name: string; email: string }

const words = texts.creation;
const LIST = '/etablissement/comptes';
const HERE = `${LIST}/nouveau`;
const NOBODY: Details = { civility: '', firstName: '', lastName: '', email: '', phone: '', profile: 'USER' };
const DETAILS = [...PERSON_FIELDS, 'profile'];
const nameOf = ({ firstName, lastName }: Details) => `${firstName} ${lastName}`;

/** A new account in three steps; the address says which, the screen keeps what was typed. */
export function Creation() {
  const [, navigate] = useLocation();
  const isAtRights = new URLSearchParams(useQuery()).get('etape') === 'droits';
  const client = useClient();
  const { data, error, again } = useAnswer(ServicesQuery, {});
  const [details, setDetails] = useState<Details>(NOBODY);
  const [levels, setLevels] = useState<Levels>({});
  const [isTouched, touch] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [created, setCreated] = useState<Created | null>(null);
  const [isBusy, setBusy] = useState(false);
  const step = created ? 3 : isAtRights && details.email ? 2 : 1;
  const title = useRef<HTMLHeadingElement>(null);
  const shownStep = useRef(step);
  const keyOf = useKey();
  useLeavingQuestion(isTouched && !created, words.leave);
  useEffect(() => {
    if (shownStep.current === step) return;
    shownStep.current = step;
    scrollTo(0, 0);
    if (!errors.length) title.current?.focus({ preventScroll: true });
  }, [step]);
  const establishment = data?.viewer?.actingFor;
  const above = <p class="above"><Link href={LIST}><ArrowLeft /> {texts.account.back}</Link></p>;
  if (!establishment?.viewerAccess.canManageAccounts) {
    return <Page title={words.title} above={above}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="forbidden" /> : <Waiting />}</Page>;
  }
  const services = establishment.services.map(({ service }) => service);

  const create = async () => {
    if (isBusy) return;
    setBusy(true);
    const { civility, phone, ...rest } = details;
    const rights = changesBetween(services, {}, levels).map(({ service, to }) => ({ service: service.code, level: to }));
    const input: Input = { establishmentId: establishment.id, ...rest, civility: civility || null, phone: phone || null, rights };
    const answer = await change(client, CreateUser, { input: { ...input, idempotencyKey: keyOf(input) } });
    setBusy(false);
    const payload = answer.data?.createUser;
    const refusals = refusalsOf(payload, answer.error, DETAILS);
    setErrors(refusals);
    if (refusals.some(({ field }) => field)) return navigate(HERE);
    if (!refusals.length) setCreated({ id: payload?.user?.id, identifier: payload?.identifier ?? '', name: nameOf(details), email: details.email });
  };
  const another = () => {
    setDetails(NOBODY);
    setLevels({});
    touch(false);
    setCreated(null);
    navigate(HERE, { replace: true });
  };
  return (
    <Page title={words.title} above={above} documentTitle={`${words.step(step, words.names[step])} – ${words.title}`} className={step === 2 ? '' : 'page-text'}>
      <ol class="steps" aria-label={words.steps}>
        {([1, 2, 3] as const).map((n) => <li key={n} aria-current={n === step ? 'step' : undefined}>{n}. {words.names[n]}</li>)}
      </ol>
      <h2 tabIndex={-1} ref={title}>{created ? words.done(created.name) : words.step(step, words.names[step])}</h2>
      <ErrorSummary errors={errors} />
      {step === 1 && (
        <DetailsForm details={details} errors={errors} onTouch={() => touch(true)} onErrors={setErrors}
          onDone={(given) => {
            setErrors([]);
            setDetails(given);
            navigate(`${HERE}?etape=droits`);
          }} />
      )}
      {step === 2 && (
        <RightsStep name={nameOf(details)} services={services} levels={levels} isBusy={isBusy} onLevels={setLevels} onCreate={() => void create()}
          onBack={() => {
            setErrors([]);
            navigate(HERE);
          }} />
      )}
      {created && <HandOver created={created} onAnother={another} />}
    </Page>
  );
}

interface DetailsFormProps { details: Details; errors: FieldError[]; onTouch: () => void; onErrors: (errors: FieldError[]) => void; onDone: (details: Details) => void }

function DetailsForm({ details, errors, onTouch, onErrors, onDone }: DetailsFormProps) {
  const [civility, setCivility] = useState(details.civility);
  const [profile, setProfile] = useState(details.profile);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { given, wrong } = typedPerson(event.currentTarget as HTMLFormElement, civility);
    if (wrong.length) onErrors(wrong);
    else onDone({ ...given, profile });
  };
  return (
    <form class="card form" onSubmit={submit} onInput={onTouch} noValidate method="post">
      <PersonFields details={details} civility={civility} onCivility={setCivility} errors={errors} emailHint={words.emailHint} />
      <Choices name="profile" legend={words.profile} hint={words.profileHint} value={profile} onChange={setProfile} errors={errors}
        options={[{ value: 'USER', label: texts.profile.USER }, { value: 'ADMINISTRATOR', label: texts.profile.ADMINISTRATOR }]} />
      <div class="actions"><button type="submit" class="button button-strong">{words.toRights}</button></div>
    </form>
  );
}

interface RightsStepProps { name: string; services: Service[]; levels: Levels; isBusy: boolean; onLevels: (levels: Levels) => void; onCreate: () => void; onBack: () => void }

function RightsStep({ name, services, levels, isBusy, onLevels, onCreate, onBack }: RightsStepProps) {
  return (
    <>
      <p>{words.rightsLead(name)}</p>
      <CopyLevels onCopy={onLevels} />
      <LevelChoices services={services} held={levels} wanted={levels} onChoose={(code, level) => onLevels({ ...levels, [code]: level })} />
      <p role="status">{words.given(changesBetween(services, {}, levels).length)}</p>
      <div class="actions">
        <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={onCreate}>{words.create}</button>
        <button type="button" class="button" onClick={onBack}>{words.toDetails}</button>
      </div>
    </>
  );
}

/** The identifier to hand over, and what comes next. */
function HandOver({ created, onAnother }: { created: Created; onAnother: () => void }) {
  return (
    <>
      <IdentifierToHandOver identifier={created.identifier} />
      <section aria-labelledby="new-next">
        <h3 id="new-next">{words.nextTitle}</h3>
        <ol class="next-steps">
          <li>{words.next1(created.name)}</li>
          <li>{words.next2(created.email)}</li>
          <li>{words.next3}</li>
        </ol>
      </section>
      <div class="actions">
        {created.id && <Link class="button" href={`${LIST}/${encodeURIComponent(created.id)}`}>{words.see}</Link>}
        <button type="button" class="button" onClick={onAnother}>{words.another}</button>
        <Link class="button" href={LIST}>{words.toList}</Link>
      </div>
    </>
  );
}
