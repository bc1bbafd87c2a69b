import { Link } from 'wouter-preact';
import { texts } from './texts.ts';

const words = texts.footer;

export function Footer() {
  return (
    <footer class="footer" aria-label={words.label}>
      <div class="footer-inner">
        <ul>
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
