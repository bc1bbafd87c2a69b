import type { ComponentChildren } from 'preact';

const ID = 'resultats';

/** How many results there are: said when it changes, and where the focus goes after a filter or a change of page. */
export function ResultCount({ children }: { children: ComponentChildren }) {
  return <p id={ID} class="result-count" role="status" tabIndex={-1}>{children}</p>;
}

/** Once the screen has been drawn anew: the control that was used may be gone. */
export function focusResults() {
  setTimeout(() => document.getElementById(ID)?.focus({ preventScroll: true }));
}
