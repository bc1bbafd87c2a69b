import { french, plural } from '../ui/typography.ts';

export const texts = french({
  title: (firstName: string) => (firstName ? `Bonjour ${firstName}` : 'Bonjour'),
  documentTitle: 'Accueil',
  tasks: 'Ce qui vous attend',
  noTask: 'Rien ne vous attend pour le moment.',
  dueOn: (day: string) => `avant le ${day}`,
  unread: 'Derniers courriers non lus',
  allUnread: (n: number) => (n < 2 ? 'Voir le courrier non lu' : `Voir les ${n.toLocaleString('fr-FR')} courriers non lus`),
  all: 'Tous vos courriers',
  caption: 'Derniers courriers non lus',
  upToDate: 'Vous avez tout lu.',
  noRight: 'Vous n’avez pas accès aux courriers de cet établissement. Ses administrateurs peuvent vous donner ce droit.',
  establishment: 'Votre établissement',
  actedFor: 'Établissement pour lequel vous agissez',
  siret: 'SIRET',
  contracts: 'Contrats',
  administrators: 'Administrateurs',
  courriers: 'Courriers',
  summary: (total: number, unread: number) => `${plural(total, 'courrier', 'courriers')}, dont ${plural(unread, 'non lu', 'non lus')}`,
  more: 'Voir les informations de l’établissement',
  nobody: 'Votre compte n’est rattaché à aucun établissement.',
});
