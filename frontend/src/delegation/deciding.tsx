import { useClient, type CombinedError } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, today, withTime } from '../dates.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import type { FieldError } from '../ui/form.tsx';
import { Info } from '../ui/icons.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { AcceptDelegation, EndDelegation, ExtendDelegation, RefuseDelegation } from './changes.ts';
import { texts } from './decision-texts.ts';

export const DecidedFields = graphql(`
  fragment DecidedFields on Delegation @_unmask {
    id status startsOn decidedAt centralisateur { id name } decidedBy { id firstName lastName }
  }
`);
export type Decided = ResultOf<typeof DecidedFields>;
export type Accepted = Omit<VariablesOf<typeof AcceptDelegation>['input'], 'id'>;
/** What was done; or, `late`, that somebody else decided first: what, who and when (R-DEL-02). As `news` it comes by itself. */
export interface Outcome { said: string; late?: string; isNews?: boolean }
export type Deciding = ReturnType<typeof useDeciding>;

interface Sent { payload: { errors: readonly { code: string; message: string; path: readonly string[] }[] } | undefined; error: CombinedError | undefined }

/** The acts of the délégataire, their outcome, and why one was refused. True: nothing more is to be done. */
export function useDeciding() {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  const own = useRef(new Set<string>());
  const run = async (id: string, send: () => Promise<Sent>, done: string, fields: string[] = []): Promise<boolean> => {
    if (isBusy) return false;
    own.current.add(id);
    setBusy(true);
    setErrors([]);
    setOutcome(null);
    const { payload, error } = await send();
    setBusy(false);
    const late = payload?.errors.find(({ code }) => code === 'ALREADY_DECIDED');
    const refusals = late ? [] : refusalsOf(payload, error, fields);
    setErrors(refusals);
    if (refusals.length) own.current.delete(id);
    else setOutcome(late ? { said: late.message, late: texts.late } : { said: done });
    return !refusals.length;
  };
  return {
    errors, outcome, isBusy,
    /** Whether it is here that something was decided of it. */
    isOwn: (id: string) => own.current.has(id),
    /** What became of a request while it was on screen. */
    tellLate: (of: Decided) => {
      if (of.status !== 'PENDING') setOutcome({ ...lateOf(of), isNews: true });
    },
    accept: ({ id, startsOn, centralisateur }: Decided, accepted: Accepted = {}) => {
      const from = accepted.startsOn ?? startsOn;
      return run(id, async () => {
        const { data, error } = await change(client, AcceptDelegation, { input: { id, ...accepted } });
        return { payload: data?.acceptDelegation, error };
      }, texts.accepted(centralisateur.name, from && from > today() ? texts.from(inWords(from)) : texts.fromNow), ['services', 'startsOn', 'endsOn']);
    },
    refuse: ({ id, centralisateur }: Decided, reason: string) => run(id, async () => {
      const { data, error } = await change(client, RefuseDelegation, { input: { id, reason } });
      return { payload: data?.refuseDelegation, error };
    }, texts.refused(centralisateur.name)),
    extend: ({ id }: Decided, endsOn: string | null) => run(id, async () => {
      const { data, error } = await change(client, ExtendDelegation, { input: { id, endsOn } });
      return { payload: data?.extendDelegation, error };
    }, endsOn ? texts.extendedUntil(inWords(endsOn)) : texts.extended, ['endsOn']),
    end: ({ id, centralisateur }: Decided, reason: string) => run(id, async () => {
      const { data, error } = await change(client, EndDelegation, { input: { id, reason } });
      return { payload: data?.endDelegation, error };
    }, texts.received.ended(centralisateur.name)),
  };
}

function lateOf({ status, centralisateur: { name }, decidedBy, decidedAt }: Decided): { said: string; late: string } {
  const who = decidedBy ? `${decidedBy.firstName} ${decidedBy.lastName}` : '';
  if (status === 'ACCEPTED' || status === 'REFUSED') return { said: texts.decided[status](name, who, decidedAt ? withTime(decidedAt) : ''), late: texts.late };
  return { said: status === 'PENDING' ? '' : texts.gone[status](name), late: texts.goneTitle };
}

/** What was done, or decided by another. It takes the focus where what was pressed is gone, never from what is being typed. */
export function Outcome({ outcome }: { outcome: Outcome | null }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const isFree = !document.activeElement || document.activeElement === document.body;
    if (outcome && (isFree || !outcome.isNews)) line.current?.focus();
  }, [outcome]);
  return (
    <div role="status" class="outcome" tabIndex={-1} ref={line}>
      {outcome && !outcome.late && <p>{outcome.said}</p>}
      {outcome?.late && <div class="notice notice-warn"><Info /><div><strong>{outcome.late}</strong><span>{outcome.said}</span></div></div>}
    </div>
  );
}
