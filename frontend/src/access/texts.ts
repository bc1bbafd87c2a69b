import { french } from '../ui/typography.ts';

export const texts = french({
  why: 'Pourquoi ?',
  about: (what: string) => ` ${what}`,
  ask: 'À qui vous adresser :',
  nobody: 'Rien n’est connu de cet accès.',
  level: 'Droit à cet instant :',
  panel: {
    title: 'Pourquoi cet accès ?',
    lead: (name: string) => `Pour un service, ce qui permet à ${name} de s’en servir ; ou ce qui lui manque d’abord, et qui peut le donner.`,
    service: 'Service',
    choose: 'Choisir un service',
  },
  letter: {
    title: 'Ce courrier ne s’ouvre pas',
    lead: 'Il n’existe pas à cette adresse, ou il n’est pas de ceux que vous pouvez lire aujourd’hui. Pour protéger les courriers des autres, cette page dit la même chose dans les deux cas.',
    needs: 'Pour lire un courrier, il faut :',
    right: 'un droit sur son service, donné par un administrateur de votre établissement ;',
    delegation: 'ou, s’il est adressé à un autre établissement, une délégation en vigueur à laquelle vous participez ;',
    available: 'que le fonds l’ait mis à disposition et ne l’ait pas retiré.',
    administrators: 'Vos administrateurs peuvent voir ce qui vous manque :',
    noAdministrator: 'Votre établissement n’a plus d’administrateur qui puisse se connecter : écrivez à l’assistance.',
    rights: 'Voir mes droits',
    reader: 'Pourquoi puis-je lire ce courrier ?',
  },
});
