import { texts } from './texts.ts';

/** Shown while the first answer is on its way; the style sheet keeps it invisible for the first 200 ms. */
export function Waiting({ lines = 5, label = texts.loading }: { lines?: number; label?: string }) {
  return (
    <div class="waiting">
      <p class="sr-only" role="status">{label}</p>
      <div aria-hidden="true">
        {Array.from({ length: lines }, (_, line) => <span key={line} class={`bone bone-${line % 3}`} />)}
      </div>
    </div>
  );
}
