import { Link, useLocation } from 'wouter-preact';
import { texts } from './texts.ts';

const words = texts.ofScreen;

/** The guide of each screen, by how its address begins: the first that fits. */
const GUIDES = [
  ['/courriers', 'vos-courriers', words.courriers],
  ['/etablissement/delegations/demander', 'acces-multi-comptes-centralisateur', words.acting],
  ['/etablissement/delegations', 'acces-multi-comptes-etablissements', words.asked],
  ['/agir-pour', 'acces-multi-comptes-centralisateur', words.acting],
  ['/operateur/lots', 'deposer-une-campagne', words.deposit],
  ['/operateur/clients', 'deposer-une-campagne', words.deposit],
  ['/verification', 'verifier-un-certificat', words.certificate],
  ['/connexion', 'premiers-pas', words.first],
] as const;

/** The way to the guide of the screen one is on; nothing where there is none. */
export function GuideOfScreen() {
  const [path] = useLocation();
  const guide = GUIDES.find(([begins]) => path === begins || path.startsWith(`${begins}/`));
  return guide ? <li><Link href={`/guides/${guide[1]}`}>{guide[2]}</Link></li> : null;
}
