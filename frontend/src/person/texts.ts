import { french } from '../ui/typography.ts';

export const texts = french({
  title: 'Mes informations',
  lead: 'Votre compte vous est personnel. Voici ce que la plateforme sait de vous, et ce que vous pouvez changer.',
  contents: 'Sur cette page',
  sections: {
    activity: 'Mon activité',
    details: 'Mes coordonnées',
    password: 'Mon mot de passe',
    secondFactor: 'Double authentification',
    sessions: 'Mes connexions ouvertes',
    rights: 'Mes droits',
    administrators: 'Mes administrateurs',
  },
  sessions: {
    lead: 'Chaque navigateur ou programme où vous êtes connecté. Fermez celles que vous ne reconnaissez pas, puis changez de mot de passe.',
    current: 'Cette connexion',
    unknown: 'Navigateur inconnu',
    opened: (when: string) => `Ouverte le ${when}`,
    seen: (when: string) => `dernier usage le ${when}`,
    end: 'Fermer',
    endOf: (name: string, when: string) => `la connexion ${name}, ouverte le ${when}`,
    ended: 'La connexion est fermée.',
  },
  rights: {
    lead: 'Ce que vous pouvez faire dans chaque service. Un administrateur de votre établissement peut changer ces droits.',
    none: 'Vous n’avez de droit sur aucun service. Un administrateur de votre établissement peut vous en donner.',
    caption: 'Mes droits, service par service',
    service: 'Service',
    level: 'Droit',
    why: 'Ce qui le donne',
    given: 'Donné',
    delegated: 'Par délégation, vous agissez aussi pour :',
  },
  administrators: {
    lead: 'À qui demander un droit, une correction ou de l’aide.',
    none: 'Aucun administrateur de votre établissement ne peut se connecter aujourd’hui.',
    you: '(vous)',
  },
});
