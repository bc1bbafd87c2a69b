import { french, plural } from '../ui/typography.ts';

export const texts = french({
  title: 'Délégations',
  lead: 'Une délégation permet à un centralisateur (centre de gestion, service de paie partagé…) d’agir pour un autre établissement, sur des services choisis.',
  received: 'Demandées à votre établissement',
  requested: 'Demandées par votre établissement',
  noneReceived: 'Personne n’a demandé à agir pour votre établissement.',
  noneRequested: 'Votre établissement n’a encore rien demandé.',
  found: (n: number) => plural(n, 'délégation', 'délégations'),
  partial: (shown: number) => `Les ${shown} premières sont affichées.`,
  statusOf: { PENDING: 'En attente', ACCEPTED: 'En vigueur', REFUSED: 'Refusée', WITHDRAWN: 'Retirée', ENDED: 'Terminée', EXPIRED: 'Échue' },
  from: (day: string) => `à partir du ${day}`,
  until: (day: string) => `jusqu’au ${day}`,
  unlimited: 'sans date de fin',
  requestedOn: (day: string) => `Demandée le ${day}`,
  decidedOn: (day: string, who: string) => `décidée le ${day}${who ? ` par ${who}` : ''}`,
  endedOn: (day: string, who: string) => `terminée le ${day}${who ? ` par ${who}` : ''}`,
  refusal: (reason: string) => `Motif : ${reason}`,
  members: (n: number) => plural(n, 'personne agit par cette délégation', 'personnes agissent par cette délégation'),
});
