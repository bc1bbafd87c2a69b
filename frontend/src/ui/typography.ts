/** Texts, written with ordinary spaces and given French typography (no-break spaces before « : ; ! ? » and within guillemets). */
type Text = string | readonly (readonly string[])[] | ((...values: never[]) => string) | { readonly [key: string]: Text };

export const typeset = (text: string) =>
  text.replace(/ ([;!?»%])/g, '\u202f$1').replace(/ :/g, '\u00a0:').replace(/« /g, '«\u202f').replace(/(\d) (\d{3})\b/g, '$1\u202f$2');

export function french<T extends Text>(text: T): T;
export function french(text: Text): Text {
  if (typeof text === 'string') return typeset(text);
  if (Array.isArray(text)) return (text as string[][]).map((line) => line.map(typeset));
  if (typeof text === 'function') return (...values: never[]) => typeset(text(...values));
  return Object.fromEntries(Object.entries(text).map(([key, value]) => [key, french(value)]));
}

/** « 1 courrier », « 12 courriers »: 0 and 1 take the singular in French. */
export const plural = (n: number, one: string, many: string) => `${n.toLocaleString('fr-FR')} ${n < 2 ? one : many}`;
