import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { nameScreen } from './title.ts';

let shownPath: string | null = null;
/** Where a heading that had the focus has gone: what was waited for takes its place, and the focus. */
let leftPath: string | null = null;

/** The next screen takes the focus even where its path is that of this one: it is drawn anew, for another establishment. */
export function focusNextScreen() {
  shownPath = '';
}

interface PageProps {
  title: string;
  /** What stands above the title: a way back, a section's name. */
  above?: ComponentChildren;
  /** Shown beside the title: actions, counts. */
  beside?: ComponentChildren;
  /** The document's title when it must say more than the heading. */
  documentTitle?: string;
  className?: string;
  children?: ComponentChildren;
}

/** A screen: its one h1, which takes the focus after a navigation, and the document's title. */
export function Page({ title, above, beside, documentTitle, className, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    nameScreen(documentTitle ?? title);
  }, [title, documentTitle]);
  useEffect(() => {
    const shown = heading.current;
    const isNew = shownPath !== null && shownPath !== location.pathname;
    if (isNew || leftPath === location.pathname) shown?.focus({ preventScroll: true });
    shownPath = location.pathname;
    leftPath = null;
    return () => {
      if (document.activeElement === shown) leftPath = location.pathname;
    };
  }, []);
  return (
    <div class={className ? `page ${className}` : 'page'}>
      {above}
      <div class="page-head">
        <h1 tabIndex={-1} ref={heading}>{title}</h1>
        {beside}
      </div>
      {children}
    </div>
  );
}
