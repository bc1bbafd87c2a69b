import { useEffect } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { Body } from './body.tsx';
import { texts } from './texts.ts';
import './guide.css';

const GuideQuery = graphql(`query Guide($slug: String!) { guide(slug: $slug) { slug title about body updatedOn sections { anchor title } } }`);

const words = texts.one;

/** One guide: its sections listed, its text, its pictures. */
export default function Guide({ slug }: { slug: string }) {
  const [, navigate] = useLocation();
  const { data, error, again } = useAnswer(GuideQuery, { slug });
  const guide = data?.guide;
  const isShown = !!guide;
  useEffect(() => {
    if (isShown && location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }, [isShown]);
  const back = <p class="above"><Link href="/guides"><ArrowLeft /> {words.back}</Link></p>;
  const follow = (event: MouseEvent) => {
    const link = (event.target as Element).closest?.('a[href^="/guides/"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    navigate(link.getAttribute('href')!);
  };
  if (!guide) {
    return (
      <Page title={data ? words.missing : texts.list.title} above={back}>
        {error && !data ? <Failure error={error} again={again} /> : data ? <p>{words.missingBody}</p> : <Waiting lines={8} />}
      </Page>
    );
  }
  return (
    <Page title={guide.title} className="page-text guide-page" above={back} beside={<button type="button" class="button guide-print" onClick={() => print()}>{words.print}</button>}>
      <p class="lead">{guide.about}</p>
      {guide.sections.length > 1 && (
        <nav class="card guide-contents" aria-labelledby="guide-contents">
          <h2 id="guide-contents">{words.contents}</h2>
          <ul>{guide.sections.map(({ anchor, title }) => <li key={anchor}><a href={`#${anchor}`}>{title}</a></li>)}</ul>
        </nav>
      )}
      <div class="guide" onClick={follow}><Body html={guide.body} /></div>
      <p class="soft">{words.updated(inWords(guide.updatedOn))}</p>
    </Page>
  );
}
