import { texts } from './texts.ts';

/** The whole hours of a duration, as the graph writes it: PT52H. */
export const hoursOf = (delay: string | null): number | null => {
  const hours = /^PT(\d+)H$/.exec(delay ?? '')?.[1];
  return hours === undefined ? null : Number(hours);
};

/** « 2 j 4 h » */
export function delayOf(delay: string | null): string {
  const hours = hoursOf(delay);
  if (hours === null) return '–';
  return hours === 0 ? texts.soon : texts.days(Math.floor(hours / 24), hours % 24);
}
