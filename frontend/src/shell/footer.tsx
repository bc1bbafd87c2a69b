import { Link, useLocation } from 'wouter-preact';
import { texts } from './texts.ts';

const words = texts.footer;

/** The guide of the screen one is on: by how its address begins, the first that fits. */
const OF_SCREENS = [
  ['/courriers', 'vos-courriers', words.guideOf.courriers],
  ['/etablissement/delegations', 'acces-multi-comptes-etablissements', words.guideOf.delegations],
  ['/agir-pour', 'acces-multi-comptes-centralisateur', words.guideOf.acting],
  ['/operateur/lots', 'deposer-une-campagne', words.guideOf.deposit],
  ['/operateur/clients', 'deposer-une-campagne', words.guideOf.deposit],
  ['/connexion', 'premiers-pas', words.guideOf.first],
] as const;

export function Footer() {
  const [path] = useLocation();
  const guide = OF_SCREENS.find(([begins]) => path === begins || path.startsWith(`${begins}/`));
  return (
    <footer class="footer" aria-label={words.label}>
      <div class="footer-inner">
        <ul>
          <li><Link href="/guides">{words.guides}</Link></li>
          {guide && <li><Link href={`/guides/${guide[1]}`}>{guide[2]}</Link></li>}
          <li><Link href="/verification">{words.verification}</Link></li>
          <li><Link href="/courriers-accessibles">{words.catalogue}</Link></li>
          <li><Link href="/conditions">{words.terms}</Link></li>
          <li><Link href="/accessibilite">{words.accessibility}</Link></li>
          <li><a href="/graphiql">{words.graphiql}</a></li>
          <li><a href="/messagerie">{words.mailbox}</a></li>
        </ul>
        <p>{words.source}</p>
      </div>
    </footer>
  );
}
