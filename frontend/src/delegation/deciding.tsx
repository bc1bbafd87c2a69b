import { useClient, type CombinedError } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, today } from '../dates.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import type { FieldError } from '../ui/form.tsx';
import { Info } from '../ui/icons.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { AcceptDelegation, EndDelegation, ExtendDelegation, RefuseDelegation } from './changes.ts';
import { texts } from './decision-texts.ts';

export const DecidedFields = graphql(`fragment DecidedFields on Delegation @_unmask { id startsOn centralisateur { id name } }`);
export type Decided = ResultOf<typeof DecidedFields>;
export type Accepted = Omit<VariablesOf<typeof AcceptDelegation>['input'], 'id'>;
/** What was done; or that somebody decided first: what, who and when (R-DEL-02). */
export interface Outcome { said: string; isLate: boolean }
export type Deciding = ReturnType<typeof useDeciding>;

interface Sent { payload: { errors: readonly { code: string; message: string; path: readonly string[] }[] } | undefined; error: CombinedError | undefined }

/** The acts of the délégataire, their outcome, and why one was refused. True: nothing more is to be done. */
export function useDeciding() {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (send: () => Promise<Sent>, done: string, fields: string[] = []): Promise<boolean> => {
    if (isBusy) return false;
    setBusy(true);
    setErrors([]);
    setOutcome(null);
    const { payload, error } = await send();
    setBusy(false);
    const late = payload?.errors.find(({ code }) => code === 'ALREADY_DECIDED');
    const refusals = late ? [] : refusalsOf(payload, error, fields);
    setErrors(refusals);
    if (!refusals.length) setOutcome({ said: late?.message ?? done, isLate: !!late });
    return !refusals.length;
  };
  return {
    errors, outcome, isBusy,
    tellLate: (said: string) => setOutcome({ said, isLate: true }),
    accept: ({ id, startsOn, centralisateur }: Decided, accepted: Accepted = {}) => {
      const from = accepted.startsOn ?? startsOn;
      return run(async () => {
        const { data, error } = await change(client, AcceptDelegation, { input: { id, ...accepted } });
        return { payload: data?.acceptDelegation, error };
      }, texts.accepted(centralisateur.name, from && from > today() ? texts.from(inWords(from)) : texts.fromNow), ['services', 'startsOn', 'endsOn']);
    },
    refuse: ({ id, centralisateur }: Decided, reason: string) => run(async () => {
      const { data, error } = await change(client, RefuseDelegation, { input: { id, reason } });
      return { payload: data?.refuseDelegation, error };
    }, texts.refused(centralisateur.name)),
    extend: ({ id }: Decided, endsOn: string | null) => run(async () => {
      const { data, error } = await change(client, ExtendDelegation, { input: { id, endsOn } });
      return { payload: data?.extendDelegation, error };
    }, endsOn ? texts.extendedUntil(inWords(endsOn)) : texts.extended, ['endsOn']),
    end: ({ id, centralisateur }: Decided, reason: string) => run(async () => {
      const { data, error } = await change(client, EndDelegation, { input: { id, reason } });
      return { payload: data?.endDelegation, error };
    }, texts.received.ended(centralisateur.name)),
  };
}

/** What was done, or decided by another; it takes the focus, since what was pressed is gone. */
export function Outcome({ outcome }: { outcome: Outcome | null }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);
  return (
    <div role="status" class="outcome" tabIndex={-1} ref={line}>
      {outcome && !outcome.isLate && <p>{outcome.said}</p>}
      {outcome?.isLate && <div class="notice notice-warn"><Info /><div><strong>{texts.late}</strong><span>{outcome.said}</span></div></div>}
    </div>
  );
}
