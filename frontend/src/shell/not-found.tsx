import { Link } from 'wouter-preact';
import { Page } from '../ui/page.tsx';
import { texts } from '../ui/texts.ts';

export function NotFound() {
  const words = texts.notFound;
  return (
    <Page title={words.title} className="page-text">
      <p class="lead">{words.body}</p>
      <p><Link class="button button-strong" href="/">{words.home}</Link></p>
    </Page>
  );
}
