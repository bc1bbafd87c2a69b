import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { change } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Warning } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { refusalsOf, UpdateUser } from './changes.ts';
import { NameChange } from './name-change.tsx';
import { PERSON_FIELDS, PersonFields, typedPerson, type PersonDetails } from './person-fields.tsx';
import { texts } from './texts.ts';

export const DetailsFields = graphql(`
  fragment DetailsFields on User @_unmask { id civility firstName lastName email pendingEmail emailBounces phone status lastLoginAt }
`);

type Person = ResultOf<typeof DetailsFields>;
type Input = VariablesOf<typeof UpdateUser>['input'];
/** Refusals that the form answers by itself: advice for one, a question for the other. */
type Stop = { kind: 'takeover'; message: string } | { kind: 'name'; given: PersonDetails };

const words = texts.details;
const heldBy = ({ civility, firstName, lastName, email, phone }: Person): PersonDetails => ({ civility: civility ?? '', firstName, lastName, email: email ?? '', phone: phone ?? '' });
const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) => `${firstName} ${lastName}`;
const isSameMailbox = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Only what differs: an address that is not said neither asks for nor cancels anything. */
function inputOf(id: string, held: PersonDetails, given: PersonDetails): Input {
  const input: Input = { id };
  if (given.civility !== held.civility) input.civility = given.civility || null;
  if (given.firstName !== held.firstName) input.firstName = given.firstName;
  if (given.lastName !== held.lastName) input.lastName = given.lastName;
  if (!isSameMailbox(given.email, held.email)) input.email = given.email;
  if (given.phone !== held.phone) input.phone = given.phone || null;
  return input;
}

/** « Coordonnées »: a person's details, which their administrators correct. */
export function Details({ user, isManager }: { user: Person; isManager: boolean }) {
  const client = useClient();
  const isOwn = useViewer().user?.id === user.id;
  /** The details as they were when the form was opened, while it is. */
  const [edited, edit] = useState<PersonDetails | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [stop, setStop] = useState<Stop | null>(null);
  const [outcome, setOutcome] = useState('');
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);

  const show = (refusals: FieldError[], next: Stop | null = null) => {
    setErrors(refusals);
    setStop(next);
  };
  /** Sends one change: what was refused is shown, what was done is said. */
  const send = async (input: Input, said: (email: string) => string, given?: PersonDetails) => {
    if (isBusy) return;
    setBusy(true);
    setOutcome('');
    const { data, error } = await change(client, UpdateUser, { input });
    setBusy(false);
    const payload = data?.updateUser;
    const takeover = payload?.errors.find(({ code }) => code === 'TAKEOVER');
    if (takeover) return show([], { kind: 'takeover', message: takeover.message });
    if (given && payload?.errors.some(({ code }) => code === 'NAME_CHANGE_TO_CONFIRM')) return show([], { kind: 'name', given });
    const refusals = refusalsOf(payload, error, given ? PERSON_FIELDS : []);
    show(refusals);
    if (refusals.length) return;
    edit(null);
    setOutcome(said(payload?.user?.pendingEmail ?? ''));
  };
  const save = (given: PersonDetails, reason?: string) => {
    const input = inputOf(user.id, edited ?? heldBy(user), given);
    if (Object.keys(input).length === 1) {
      show([]);
      edit(null);
      return setOutcome(words.unchanged);
    }
    const said = (pending: string) => (!input.email ? words.saved : pending ? words.savedPending(pending) : words.savedCorrected(input.email));
    return send(reason ? { ...input, nameChangeReason: reason } : input, said, given);
  };
  const open = () => {
    setOutcome('');
    show([]);
    edit(heldBy(user));
  };
  const close = () => {
    show([]);
    edit(null);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const pending = user.pendingEmail;
  return (
    <section class="card" aria-labelledby="account-person">
      <div class="section-head">
        <h2 id="account-person">{edited ? words.title(nameOf(user)) : texts.account.person}</h2>
        {isManager && !edited && <button type="button" class="button" ref={opener} onClick={open}>{words.edit}</button>}
      </div>
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <ErrorSummary errors={errors} />
      {stop?.kind === 'takeover' && <TakeoverAdvice key={stop.message} message={stop.message} />}
      {edited
        ? <DetailsForm details={edited} isNeverSignedIn={user.status === 'INVITED' && !user.lastLoginAt} errors={errors} isBusy={isBusy} isHopeless={stop?.kind === 'takeover'} onErrors={show} onSave={(given) => void save(given)} onClose={close} />
        : (
          <dl class="facts facts-wide">
            {user.civility && <div><dt>{texts.account.civility}</dt><dd>{texts.civility[user.civility]}</dd></div>}
            <div><dt>{texts.account.firstName}</dt><dd>{user.firstName}</dd></div>
            <div><dt>{texts.account.lastName}</dt><dd>{user.lastName}</dd></div>
            <div>
              <dt>{texts.account.email}</dt>
              <dd>
                {user.email}
                {user.emailBounces && <span class="line"><span class="tag tag-warn">{texts.accounts.bounces}</span> {texts.account.bounces}</span>}
                {pending && (
                  <PendingEmail email={pending} canChange={isManager} isBusy={isBusy}
                    onSend={() => void send({ id: user.id, email: pending }, () => words.pending.sent(pending))}
                    onCancel={() => void send({ id: user.id, email: user.email }, () => words.pending.cancelled(user.email ?? ''))} />
                )}
              </dd>
            </div>
            <div><dt>{texts.account.phone}</dt><dd>{user.phone ?? texts.account.noPhone}</dd></div>
          </dl>
        )}
      {stop?.kind === 'name' && (
        <NameChange before={nameOf(user)} after={nameOf(stop.given)} email={user.email ?? ''} pendingEmail={pending} isOwn={isOwn}
          onConfirm={(reason) => void save(stop.given, reason)} onClose={() => setStop((now) => (now === stop ? null : now))} />
      )}
    </section>
  );
}

interface PendingEmailProps { email: string; canChange: boolean; isBusy: boolean; onSend: () => void; onCancel: () => void }

/** The address asked for, as long as nobody has confirmed it from there. */
function PendingEmail({ email, canChange, isBusy, onSend, onCancel }: PendingEmailProps) {
  const button = (label: string, rest: string, onClick: () => void) => (
    <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={onClick}>{label}<span class="sr-only"> {rest}</span></button>
  );
  return (
    <div class="pending-email">
      <p><strong>{words.pending.label}</strong> {email}</p>
      <p class="soft">{words.pending.help}</p>
      {canChange && <div class="actions">{button(words.pending.send, words.pending.sendRest, onSend)}{button(words.pending.cancel, words.pending.cancelRest, onCancel)}</div>}
    </div>
  );
}

/** An account is not handed on: what to do instead. */
function TakeoverAdvice({ message }: { message: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div class="notice notice-warn" role="alert" tabIndex={-1} ref={box} aria-labelledby="takeover-title">
      <Warning />
      <div>
        <h3 id="takeover-title">{words.takeover}</h3>
        <p>{message}</p>
        <Link class="button" href="/etablissement/comptes/nouveau">{texts.creation.title}</Link>
      </div>
    </div>
  );
}

interface DetailsFormProps {
  details: PersonDetails;
  /** Nobody has ever signed in with this account: its address is corrected at once. */
  isNeverSignedIn: boolean;
  errors: FieldError[];
  isBusy: boolean;
  /** What is typed is of no use: it may be left without a question. */
  isHopeless: boolean;
  onErrors: (errors: FieldError[]) => void;
  onSave: (given: PersonDetails) => void;
  onClose: () => void;
}

function DetailsForm({ details, isNeverSignedIn, errors, isBusy, isHopeless, onErrors, onSave, onClose }: DetailsFormProps) {
  const [civility, setCivility] = useState(details.civility);
  const [isTouched, touch] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useLeavingQuestion(isTouched && !isHopeless, words.leave);
  useEffect(() => form.current?.querySelector<HTMLElement>('input:checked')?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { given, wrong } = typedPerson(event.currentTarget as HTMLFormElement, civility);
    if (wrong.length) onErrors(wrong);
    else onSave(given);
  };
  return (
    <form class="form details-form" ref={form} onSubmit={submit} onInput={() => touch(true)} noValidate method="post">
      <p>{words.lead}</p>
      <PersonFields details={details} civility={civility} onCivility={setCivility} errors={errors} emailHint={isNeverSignedIn ? words.emailAtOnce : words.emailToConfirm} />
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.save}</button>
        <button type="button" class="button" onClick={onClose}>{words.cancel}</button>
      </div>
    </form>
  );
}
