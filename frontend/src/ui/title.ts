import { typeset } from './typography.ts';

let screen = '';
let context = '';

const write = () => {
  document.title = typeset([screen, context, 'PEP’s'].filter(Boolean).join(' – '));
};

/** The document's title: the screen's own. */
export function nameScreen(title: string) {
  screen = title;
  write();
}

/** What every title says besides: for whom one acts. Empty: nothing. */
export function nameContext(text: string) {
  context = text;
  if (screen) write();
}
