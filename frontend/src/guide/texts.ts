import { french, plural } from '../ui/typography.ts';

export const texts = french({
  list: {
    title: 'Guides',
    lead: 'Comment se servir de la plateforme, pas à pas, avec les images de ses écrans.',
    search: 'Chercher dans les guides',
    submit: 'Chercher',
    clear: 'Tous les guides',
    caption: 'Guides',
    found: (n: number, words: string) => `${n ? plural(n, 'guide contient', 'guides contiennent') : 'Aucun guide ne contient'} « ${words} ».`,
    all: (n: number) => plural(n, 'guide', 'guides'),
    nothing: 'Essayez un mot plus court, ou un seul mot. Vos administrateurs peuvent aussi vous aider.',
    empty: 'Aucun guide n’est encore publié.',
  },
  ofScreen: {
    courriers: 'Guide : vos courriers',
    asked: 'Guide : l’accès multi-comptes, établissements',
    acting: 'Guide : l’accès multi-comptes, centralisateurs',
    deposit: 'Guide : déposer une campagne',
    first: 'Guide : premiers pas',
    certificate: 'Guide : vérifier un certificat',
  },
  audience: {
    EVERYONE: 'Pour tous',
    ADMINISTRATOR: 'Pour les administrateurs',
    DELEGATAIRE: 'Pour les établissements pour qui d’autres agissent',
    CENTRALISATEUR: 'Pour les centralisateurs',
    OPERATOR: 'Pour les gestionnaires et les programmes',
  },
  one: {
    back: 'Guides',
    missing: 'Ce guide n’existe pas',
    missingBody: 'Il a peut-être changé de nom : la liste des guides les montre tous.',
    contents: 'Dans ce guide',
    updated: (day: string) => `Mis à jour le ${day}`,
    print: 'Imprimer',
    table: 'Tableau',
  },
});
