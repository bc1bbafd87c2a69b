import { h, type ComponentChild } from 'preact';
import { texts } from './texts.ts';

const words = texts.one;

/** What a guide is made of; anything else is left out. */
const TAGS = new Set('h2 h3 h4 p ul ol li strong em code pre a img table thead tbody tr th td blockquote hr br'.split(' '));
const ATTRIBUTES = new Set(['href', 'id', 'src', 'alt', 'loading', 'tabindex', 'start']);
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

const plain = (text: string) => text.replace(/&(amp|lt|gt|quot);/g, (whole, name: string) => ENTITIES[name] ?? whole);

interface Open { tag: string; props: Record<string, string>; children: ComponentChild[] }

/**
 * The HTML of a guide as elements, one by one: the policy of the page lets no text become HTML (Trusted Types), and nothing that is not
 * listed above can come of it. The server writes each tag whole, closed, its attributes within double quotes.
 */
export function Body({ html }: { html: string }) {
  const stack: Open[] = [{ tag: '', props: {}, children: [] }];
  const close = () => {
    const { tag, props, children } = stack.pop()!;
    const made = TAGS.has(tag) ? h(tag, props, ...children) : children;
    stack.at(-1)!.children.push(tag === 'table' ? <div class="guide-table" role="group" aria-label={words.table} tabIndex={0}>{made}</div> : made);
  };
  for (const [, text, end, tag, attributes, isEmpty] of html.matchAll(/([^<]+)|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*(\/?)>/g)) {
    if (text) stack.at(-1)!.children.push(plain(text));
    else if (end) stack.length > 1 && close();
    else {
      const found = [...attributes!.matchAll(/([a-z-]+)="([^"]*)"/g)].filter(([, name]) => ATTRIBUTES.has(name!));
      stack.push({ tag: tag!, props: Object.fromEntries(found.map(([, name, value]) => [name!, plain(value!)])), children: [] });
      if (isEmpty) close();
    }
  }
  while (stack.length > 1) close();
  return <>{stack[0]!.children}</>;
}
