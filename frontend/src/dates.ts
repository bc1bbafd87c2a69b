/** Dates as French people write them. Instants are shown in Europe/Paris; calendar days are shown as they are. */
const PARIS = 'Europe/Paris';
const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('fr-FR', options);

const longDay = format({ day: 'numeric', month: 'long', year: 'numeric', timeZone: PARIS });
const shortDay = format({ day: '2-digit', month: '2-digit', year: 'numeric', timeZone: PARIS });
const clock = format({ hour: '2-digit', minute: '2-digit', timeZone: PARIS });
const monthOfYear = format({ month: 'long', year: 'numeric', timeZone: PARIS });
const isoDay = new Intl.DateTimeFormat('en-CA', { timeZone: PARIS });
const whole = new Intl.NumberFormat('fr-FR');
const percent = new Intl.NumberFormat('fr-FR', { style: 'percent', maximumFractionDigits: 0 });

/** A calendar day or an instant, as a Date at which the day in Paris is right. */
function moment(value: string): Date {
  return new Date(value.length === 10 ? `${value}T12:00:00Z` : value);
}

/** « 1er mars 2026 » */
export const inWords = (value: string) => longDay.format(moment(value)).replace(/^1 /, '1er ');
/** « 01/03/2026 » */
export const inFigures = (value: string) => shortDay.format(moment(value));
/** « 1er mars 2026 à 14:05 » */
export const withTime = (value: string) => `${inWords(value)} à ${clock.format(moment(value))}`;
/** « mars 2026 » */
export const month = (value: string) => monthOfYear.format(moment(value));
/** Today in Paris, as the graph writes days: 2026-03-01. */
export const today = () => isoDay.format(new Date());
/** The day that many days from today. */
export const daysFromToday = (days: number) => {
  const day = new Date(`${today()}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
};
/** The day after. */
export const dayAfter = (value: string) => {
  const day = moment(value);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
};
/** The same day of the next year. */
export const aYearAfter = (value: string) => {
  const day = moment(value);
  day.setUTCFullYear(day.getUTCFullYear() + 1);
  return day.toISOString().slice(0, 10);
};
/** How many days from today to that day. */
export const daysUntil = (day: string) => Math.round((moment(day).getTime() - moment(today()).getTime()) / 86_400_000);
/** « 48 000 » */
export const count = (value: number) => whole.format(value);
/** « 68 % », of two counts. */
export const share = (part: number, total: number) => (total ? percent.format(part / total) : '–');

/** « 214 ko », « 1,2 Mo » */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${whole.format(Math.max(1, Math.round(bytes / 1000)))} ko`;
  return `${new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 }).format(bytes / 1_000_000)} Mo`;
}
