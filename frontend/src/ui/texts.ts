import { french } from './typography.ts';

export const texts = french({
  loading: 'Chargement en cours…',
  retry: 'Réessayer',
  close: 'Fermer',
  cancel: 'Annuler',
  none: 'Aucun',
  failure: {
    network: { title: 'Le serveur ne répond pas', body: 'Vérifiez votre connexion à internet, puis réessayez. Rien de ce que vous avez fait n’est perdu.' },
    internal: { title: 'Un incident s’est produit de notre côté', body: 'La page n’a pas pu être préparée. Réessayez dans un instant ; si cela continue, prévenez l’assistance.' },
    forbidden: { title: 'Vous n’avez pas accès à cette page', body: 'Vos droits ne permettent pas de la consulter. Les administrateurs de votre établissement peuvent vous les donner.' },
    missing: { title: 'Cette page n’existe pas ou n’est plus accessible', body: 'Elle a pu être retirée, ou vos droits ont changé depuis que vous avez reçu son adresse.' },
    outdated: { title: 'Une nouvelle version est en ligne', body: 'Rechargez la page pour continuer.', action: 'Recharger la page' },
  },
  offline: 'Vous êtes hors connexion. Les informations affichées peuvent ne plus être à jour.',
  unreachable: 'Le serveur ne répond pas. Nouvel essai dans quelques secondes ; les informations affichées peuvent ne plus être à jour.',
  errors: {
    titlePrefix: 'Erreur : ',
    summary: 'Votre demande n’a pas abouti',
  },
  pager: {
    label: 'Pages',
    previous: 'Page précédente',
    next: 'Page suivante',
  },
  filters: {
    title: 'Filtres',
    apply: 'Appliquer',
    clear: 'Effacer les filtres',
    remove: (filter: string) => `Retirer le filtre ${filter}`,
    active: 'Filtres appliqués',
    all: 'Tous',
    search: 'Rechercher',
  },
  notFound: {
    title: 'Page introuvable',
    body: 'L’adresse demandée ne correspond à aucune page. Elle a pu être mal recopiée.',
    home: 'Revenir à l’accueil',
  },
});
