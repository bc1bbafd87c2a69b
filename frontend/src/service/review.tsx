import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Choices, ErrorSummary, type FieldError } from '../ui/form.tsx';
import { ArrowLeft, Check } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf, SetRights } from '../user/changes.ts';
import type { Level } from '../user/level.tsx';
import { texts as userTexts } from '../user/texts.ts';
import { texts } from './texts.ts';
import '../user/user.css';

const ToReviewQuery = graphql(`
  query ServicesToReview {
    viewer {
      actingFor {
        id name viewerAccess { canManageAccounts }
        services { isToReview service { id code label description onlineSince levels } }
        users(first: 20, orderBy: NAME_ASC) {
          totalCount
          edges { node { id firstName lastName rights { level service { id code } } } }
        }
      }
    }
  }
`);

const ReviewServices = graphql(`
  mutation ReviewServices($input: ReviewServicesInput!) { reviewServices(input: $input) { establishment { id } errors { code message path } } }
`);

type Establishment = NonNullable<NonNullable<ResultOf<typeof ToReviewQuery>['viewer']>['actingFor']>;
type Service = Establishment['services'][number]['service'];
type Person = Establishment['users']['edges'][number]['node'];
type Levels = Readonly<Record<string, Level>>;
const words = texts.review;

/** The services that opened since the establishment came: who may use each, then that it was reviewed. */
export default function Review() {
  const { data, error, again } = useAnswer(ToReviewQuery, {});
  const [done, setDone] = useState('');
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (done) line.current?.focus();
  }, [done]);
  const establishment = data?.viewer?.actingFor;
  const above = <p class="above"><Link href="/etablissement/services"><ArrowLeft /> {words.back}</Link></p>;
  if (establishment && !establishment.viewerAccess.canManageAccounts) return <Page title={words.title} above={above}><Refusal kind="forbidden" /></Page>;
  const waiting = establishment?.services.flatMap(({ isToReview, service }) => (isToReview ? [service] : [])) ?? [];
  return (
    <Page title={words.title} above={above}>
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{done && <p class="notice notice-good"><Check /> <span>{done}</span></p>}</div>
      {error && !establishment && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && !error && !establishment && <Refusal kind="missing" />}
      {establishment && waiting.length > 0 && <p class="lead">{words.lead(establishment.name)}</p>}
      {establishment && waiting.map((service) => <ToReview key={service.id} service={service} establishment={establishment} onDone={setDone} />)}
      {establishment && waiting.length === 0 && (
        <div class="empty">
          <Check />
          <p><strong>{words.empty}</strong></p>
          <p>{words.emptyBody}</p>
          <p><Link href="/etablissement/services">{words.allServices}</Link></p>
        </div>
      )}
    </Page>
  );
}

const levelOf = (person: Person, code: string): Level => person.rights?.find(({ service }) => service.code === code)?.level ?? 'NONE';

function ToReview({ service, establishment, onDone }: { service: Service; establishment: Establishment; onDone: (done: string) => void }) {
  const client = useClient();
  const [wanted, want] = useState<Levels>({});
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const { users } = establishment;
  const people = users.edges.map(({ node }) => node);
  const changed = people.filter((person) => wanted[person.id] && wanted[person.id] !== levelOf(person, service.code));
  useLeavingQuestion(changed.length > 0, words.leave);
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    const refusals = await give() ?? await review();
    setBusy(false);
    setErrors(refusals);
    if (!refusals.length) onDone(words.done(service.label, changed.length));
  };
  /** Gives each level to those for whom it was chosen; null when all have theirs. */
  const give = async () => {
    for (const level of ['NONE', 'READ', 'MODIFY'] as const) {
      const userIds = changed.filter(({ id }) => wanted[id] === level).map(({ id }) => id);
      if (!userIds.length) continue;
      const { data, error } = await change(client, SetRights, { input: { userIds, rights: [{ service: service.code, level }] } });
      const refusals = refusalsOf(data?.setRights, error);
      if (refusals.length) return refusals;
    }
    return null;
  };
  const review = async () => {
    const { data, error } = await change(client, ReviewServices, { input: { establishmentId: establishment.id, services: [service.code] } });
    return refusalsOf(data?.reviewServices, error);
  };
  return (
    <section class="card level-choices" aria-labelledby={`service-${service.code}`}>
      <h2 id={`service-${service.code}`}>{service.label}</h2>
      <p>{service.description}</p>
      <p class="soft">{words.since(inWords(service.onlineSince))}</p>
      <ErrorSummary errors={errors} />
      <h3>{words.whom}</h3>
      {users.totalCount > people.length && <p class="hint">{words.few(people.length, users.totalCount)} <Link href="/etablissement/comptes">{words.many}</Link></p>}
      {people.map((person) => {
        const held = levelOf(person, service.code);
        const value = wanted[person.id] ?? held;
        return (
          <Choices key={person.id} className={value === held ? 'level-choice' : 'level-choice is-changed'} name={`droit-${service.code}-${person.id}`} legend={`${person.lastName.toUpperCase()} ${person.firstName}`}
            options={service.levels.map((level) => ({ value: level, label: userTexts.level[level] }))}
            value={value} onChange={(level) => want({ ...wanted, [person.id]: level })} />
        );
      })}
      <div class="actions">
        <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} aria-describedby={`service-${service.code}`} onClick={() => void save()}>{changed.length ? words.save(changed.length) : words.reviewed}</button>
        <Link class="button" href={`/etablissement/comptes/tableau?service=${encodeURIComponent(service.code)}`}>{words.table}</Link>
      </div>
    </section>
  );
}
