import { useEffect, useRef, useState } from 'preact/hooks';
import { sameOriginPath } from '../address.ts';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const words = texts.text;
const isPages = (value: unknown): value is { pages: string[] } => Array.isArray((value as { pages?: unknown } | null)?.pages);

/** The text of the PDF, page by page. To read it is to open the letter, as to see it is (R-COU-06). */
export default function DocumentText({ address, onSeen }: { address: () => Promise<string | null | undefined>; onSeen: () => void }) {
  const [pages, setPages] = useState<string[] | 'failed' | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    void read();
    async function read() {
      try {
        const signed = await address();
        const answer = signed ? await fetch(sameOriginPath(signed)) : null;
        const found: unknown = answer?.ok ? await answer.json() : null;
        setPages(isPages(found) ? found.pages : 'failed');
        if (isPages(found)) onSeen();
      } catch {
        setPages('failed');
      }
      heading.current?.focus();
    }
  }, []);
  const isEmpty = Array.isArray(pages) && pages.every((page) => !page);
  return (
    <section class="letter-text card" aria-labelledby="letter-text">
      <h3 id="letter-text" tabIndex={-1} ref={heading}>{words.title}</h3>
      {pages === null && <Waiting lines={6} />}
      {pages === 'failed' && <p>{words.failed}</p>}
      {Array.isArray(pages) && <p class="soft">{isEmpty ? words.none : words.extracted}</p>}
      {Array.isArray(pages) && !isEmpty && pages.map((page, number) => (
        <article key={number} aria-labelledby={`letter-page-${number + 1}`}>
          <h4 id={`letter-page-${number + 1}`}>{words.page(number + 1, pages.length)}</h4>
          {page ? <div class="letter-page">{page}</div> : <p class="soft">{words.empty}</p>}
        </article>
      ))}
    </section>
  );
}
