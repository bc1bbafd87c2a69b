import { useState } from 'preact/hooks';
import { keep, kept } from '../../ui/kept.ts';
import type { Level } from '../../user/level.tsx';
import { siretsOf } from './sirets.ts';

/** A request of delegations as it is typed. */
export interface Draft { sirets: string; levels: Readonly<Record<string, Level>>; startsOn: string; endsOn: string; message: string }

export const NOTHING: Draft = { sirets: '', levels: {}, startsOn: '', endsOn: '', message: '' };

const isDraft = (value: unknown): value is Draft => {
  const { levels, ...texts } = (value ?? {}) as Draft;
  return typeof levels === 'object' && levels !== null && (['sirets', 'startsOn', 'endsOn', 'message'] as const).every((name) => typeof texts[name] === 'string');
};

/** What is typed, kept for this tab as it is typed: an error, a way back or a session that ends loses nothing of it. */
export function useDraft(userId: string) {
  const name = `demande.${userId}`;
  const [recalled] = useState(() => kept(name, isDraft));
  const [draft, setDraft] = useState<Draft>(recalled ?? NOTHING);
  const replace = (next: Draft) => {
    setDraft(next);
    keep(name, isEmpty(next) ? null : next);
  };
  return { draft, replace, amend: (part: Partial<Draft>) => replace({ ...draft, ...part }), wasRecalled: recalled !== null };
}

export const isEmpty = (draft: Draft) => ![draft.sirets, draft.startsOn, draft.endsOn, draft.message].some((each) => each.trim()) && servicesOf(draft).length === 0;

const servicesOf = ({ levels }: Draft) => Object.entries(levels).flatMap(([service, level]) => (level === 'NONE' ? [] : [{ service, level }]));

/** The request, as the graph takes it. */
export const requestOf = (draft: Draft) => ({
  sirets: siretsOf(draft.sirets),
  services: servicesOf(draft),
  message: draft.message.trim() || null,
  startsOn: draft.startsOn || null,
  endsOn: draft.endsOn || null,
});
export type Request = ReturnType<typeof requestOf>;
