/** Where the screens of delegations are. */
export const REQUESTED = '/etablissement/delegations';
export const RECEIVED = '/etablissement/delegations/recues';
export const ASK = '/etablissement/delegations/demander';
export const MEMBERS = '/etablissement/delegations/membres';
export const PEOPLE = '/etablissement/delegations/personnes';

export const pathOf = (id: string) => `${REQUESTED}/${encodeURIComponent(id)}`;

/** Where, on a delegation's screen, its end is put off. */
export const EXTENSION = 'extension';

/** The list one came from, with its filters; the whole list where one came from nowhere. */
export function listPath(list = REQUESTED): string {
  const from = (history.state as { from?: unknown } | null)?.from;
  return typeof from === 'string' ? from : list;
}
