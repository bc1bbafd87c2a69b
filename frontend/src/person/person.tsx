import { useEffect } from 'preact/hooks';
import { Page } from '../ui/page.tsx';
import { sections } from './sections.ts';
import { texts } from './texts.ts';
import './person.css';

/** « Mes informations »: everything a person can know and change of their own account, section by section (R-ACC-17). */
export default function Person() {
  useEffect(() => {
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }, []);
  return (
    <Page title={texts.title}>
      <p class="lead">{texts.lead}</p>
      <nav class="contents" aria-label={texts.contents}>
        <ul>{sections.map(({ id, title }) => <li key={id}><a href={`#${id}`}>{title}</a></li>)}</ul>
      </nav>
      {sections.map(({ id, title, Content }) => (
        <section key={id} id={id} class="card" aria-labelledby={`${id}-titre`}>
          <h2 id={`${id}-titre`}>{title}</h2>
          <Content />
        </section>
      ))}
    </Page>
  );
}
