import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { texts } from './texts.ts';

const words = texts.footer;

export function Footer() {
  const [OfScreen, setOfScreen] = useState<ComponentType | null>(null);
  useEffect(() => void import('../guide/of-screen.tsx').then((loaded) => setOfScreen(() => loaded.GuideOfScreen), () => undefined), []);
  return (
    <footer class="footer" aria-label={words.label}>
      <div class="footer-inner">
        <ul>
          <li><Link href="/guides">{words.guides}</Link></li>
          {OfScreen && <OfScreen />}
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
