import { useClient } from '@urql/preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { inFigures, inWords } from '../dates.ts';
import { WhyPanel } from '../access/panel.tsx';
import { byTheme } from '../establishment/themes.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Check, Info } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Table } from '../ui/table.tsx';
import { ConfirmRights, refusalsOf, SetRights } from './changes.ts';
import { changesBetween, CopyLevels, LevelChanges, LevelChoices, type LevelChange, type Levels, type Service } from './level-choices.tsx';
import { LevelScale } from './level.tsx';
import { texts } from './texts.ts';

export const RightsFields = graphql(`
  fragment RightsFields on User @_unmask {
    id firstName lastName rightsToReviewSince
    rights { level grantedAt grantedBy { id firstName lastName } service { id code } }
    establishment { id services { service { id code label description theme levels } } }
  }
`);

type Person = ResultOf<typeof RightsFields>;
const words = texts.account;

/** « Ses Droits »: every service open to the establishment, by theme, with the level this person holds; administrators change it. */
export function Rights({ user }: { user: Person }) {
  const { actingFor } = useViewer();
  const services = user.establishment.services.map(({ service }) => service);
  if (!services.length) return <p class="empty">{words.noService}</p>;
  const isManager = !!actingFor?.viewerAccess.canManageAccounts && actingFor.id === user.establishment.id;
  return (
    <>
      {isManager && <Review user={user} />}
      {isManager ? <RightsForm user={user} services={services} /> : <RightsHeld user={user} services={services} />}
      {user.rights && <WhyPanel userId={user.id} name={nameOf(user)} services={services} />}
    </>
  );
}

const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) => `${firstName} ${lastName}`;

/** Since when a right is held, and by whom it was given. */
function noteOf(user: Person): (service: Service) => string | null {
  const rights = new Map((user.rights ?? []).map((right) => [right.service.id, right]));
  return ({ id }) => {
    const right = rights.get(id);
    return right && right.level !== 'NONE' ? words.grantedBy(inFigures(right.grantedAt), right.grantedBy ? nameOf(right.grantedBy) : '') : null;
  };
}

const levelsOf = (user: Person): Levels => Object.fromEntries((user.rights ?? []).map(({ level, service }) => [service.code, level]));

/** The rights of an account that was reopened wait for an administrator: to be changed below, or confirmed as they are (R-ACC-11). */
function Review({ user }: { user: Person }) {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isConfirmed, setConfirmed] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  const confirm = async () => {
    if (isBusy) return;
    setBusy(true);
    const { data, error } = await change(client, ConfirmRights, { input: { userIds: [user.id] } });
    setBusy(false);
    const refusals = refusalsOf(data?.confirmRights, error);
    setErrors(refusals);
    if (refusals.length) return;
    setConfirmed(true);
    line.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{isConfirmed && <p>{texts.rights.confirmed(nameOf(user))}</p>}</div>
      {user.rightsToReviewSince && !isConfirmed && (
        <div class="notice">
          <Info />
          <div>
            <p>{texts.rights.toReview(inWords(user.rightsToReviewSince))} {texts.rights.howToReview}</p>
            <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => void confirm()}>{texts.rights.confirm}</button>
          </div>
        </div>
      )}
    </>
  );
}

function RightsForm({ user, services }: { user: Person; services: Service[] }) {
  const client = useClient();
  const [wanted, setWanted] = useState<Levels>({});
  const [outcome, setOutcome] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const held = useMemo(() => levelsOf(user), [user.rights]);
  const note = useMemo(() => noteOf(user), [user.rights]);
  // Once saved, what was wanted stays on screen until the graph has said it back.
  const changes = outcome ? [] : changesBetween(services, held, wanted);
  useEffect(() => {
    if (outcome) setWanted({});
  }, [user.rights]);
  useLeavingQuestion(changes.length > 0, texts.rights.leave);
  const want = (levels: Levels) => {
    setOutcome(null);
    setWanted(levels);
  };
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    const rights = changes.map(({ service, to }) => ({ service: service.code, level: to }));
    const { data, error } = await change(client, SetRights, { input: { userIds: [user.id], rights } });
    setBusy(false);
    const refusals = refusalsOf(data?.setRights, error);
    setErrors(refusals);
    if (!refusals.length) setOutcome(texts.rights.saved(changes.length, nameOf(user)));
  };
  const copy = (levels: Levels) => want(Object.fromEntries(services.map(({ code }) => [code, levels[code] ?? 'NONE'])));
  const giveUp = () => {
    setErrors([]);
    want({});
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <p>{texts.rights.lead(nameOf(user))}</p>
      <CopyLevels exceptId={user.id} onCopy={copy} />
      <LevelChoices services={services} held={held} wanted={wanted} note={note} onChoose={(code, level) => want({ ...(outcome ? {} : wanted), [code]: level })} />
      <ChangesBar changes={changes} outcome={outcome} isBusy={isBusy} onSave={() => void save()} onGiveUp={giveUp} />
    </>
  );
}

interface ChangesBarProps { changes: LevelChange[]; outcome: string | null; isBusy: boolean; onSave: () => void; onGiveUp: () => void }

/** What would change and the way to save it, always in view; then what was done. It keeps the focus when its buttons leave. */
function ChangesBar({ changes, outcome, isBusy, onSave, onGiveUp }: ChangesBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) bar.current?.focus({ preventScroll: true });
  }, [outcome]);
  const giveUp = () => {
    onGiveUp();
    bar.current?.focus({ preventScroll: true });
  };
  return (
    <div class={changes.length || outcome ? 'changes-bar' : 'changes-bar changes-bar-empty'} role="group" tabIndex={-1} ref={bar} aria-label={texts.rights.bar}>
      <p class="sr-only" role="status">{outcome ?? (changes.length > 0 && texts.rights.toSave(changes.length))}</p>
      {outcome && <p class="changes-done" aria-hidden="true"><Check /> {outcome}</p>}
      {changes.length > 0 && (
        <>
          <details class="changes-list" open={matchMedia('(min-width: 48rem)').matches}>
            <summary>{texts.rights.changes(changes.length)}</summary>
            <ul tabIndex={0} aria-label={texts.rights.changes(changes.length)}><LevelChanges changes={changes} /></ul>
          </details>
          <div class="actions">
            <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={onSave}>{texts.rights.save}</button>
            <button type="button" class="button" onClick={giveUp}>{texts.rights.cancel}</button>
          </div>
        </>
      )}
    </div>
  );
}

/** To read only: for the person themselves and their colleagues. */
function RightsHeld({ user, services }: { user: Person; services: Service[] }) {
  const held = levelsOf(user);
  const note = noteOf(user);
  return (
    <>
      <p>{words.rightsLead(nameOf(user))}</p>
      {byTheme(services, (service) => service.theme).map(([theme, rows]) => (
        <section key={theme} class="card" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{theme}</h2>
          <Table caption={words.caption(theme)} className="table-plain rights" rows={rows} keyOf={(service) => service.id} columns={[
            { header: words.service, isRowHeader: true, className: 'col-service', cell: (service) => <>{service.label}<span class="line soft">{service.description}</span></> },
            { header: words.level, className: 'col-level', cell: (service) => <LevelScale level={held[service.code] ?? 'NONE'} levels={service.levels} /> },
            { header: words.granted, className: 'col-granted', cell: note },
          ]} />
        </section>
      ))}
    </>
  );
}
